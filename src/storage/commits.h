// Joins each commit with what happens after it: the store answers later, with a ticket.
#pragma once

#include <functional>
#include <unordered_map>

#include "storage/store.h"

namespace sotto::storage {

class Commits {
 public:
  using Then = std::move_only_function<void(StorageResult<PartitionVersion>)>;

  explicit Commits(Store& store) : store_(store) {}

  /// `then` is called with the completion, or at once when the store takes nothing. The number in flight is
  /// bounded by the store's queue.
  void commit(Batch batch, Then then);
  /// Tickets count from 1; a completion with an unknown one is not ours and changes nothing.
  void on_completion(const Completion& completion);
  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }

 private:
  Store& store_;
  std::uint64_t last_ticket_ = 0;
  std::unordered_map<std::uint64_t, Then> in_flight_;
};

}  // namespace sotto::storage

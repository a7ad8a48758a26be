// For tests: a store in which batches become durable one by one, in any order that the contract allows, so
// that a crash can come between any two of them.
#pragma once

#include <map>
#include <random>
#include <vector>

#include "result/check.h"
#include "storage/forwarding_store.h"
#include "storage/memory_store.h"

namespace sotto::transparency_log::testing {

class StepStore final : public storage::ForwardingStore {
 public:
  explicit StepStore(std::uint32_t seed)
      : ForwardingStore(memory_), random_(seed), memory_([this](std::vector<storage::Completion> group) {
          for (storage::Completion& completion : group) completions_.push_back(completion);
        }) {}

  storage::StorageResult<std::optional<Bytes>> get(const storage::Partition& partition,
                                                   ByteView key) override {
    ++reads;
    return ForwardingStore::get(partition, key);
  }
  storage::StorageResult<void> commit(storage::Batch batch, storage::Ticket ticket) override {
    if (refuse > 0) {
      --refuse;
      return err(storage::StorageError::overloaded);
    }
    queue_.push_back({std::move(batch), ticket});
    return {};
  }

  /// Makes one queued batch durable: any, but none before an earlier one of its partition. Empty when there
  /// is none.
  std::optional<storage::Completion> step() {
    if (queue_.empty()) return std::nullopt;
    std::size_t chosen = random_() % queue_.size();
    for (std::size_t i = 0; i < chosen; ++i) {
      if (queue_[i].batch.partition == queue_[chosen].batch.partition) chosen = i;
    }
    Queued queued = std::move(queue_[chosen]);
    queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(chosen));
    SOTTO_CHECK(memory_.commit(std::move(queued.batch), queued.ticket));
    memory_.sync();
    const storage::Completion out = completions_.back();
    completions_.clear();
    return out;
  }
  /// What was not durable is gone.
  void crash() { queue_.clear(); }
  [[nodiscard]] std::size_t queued() const { return queue_.size(); }
  storage::MemoryStore& memory() { return memory_; }

  std::size_t refuse = 0;  ///< so many commits find the queue full
  std::size_t reads = 0;

 private:
  struct Queued {
    storage::Batch batch;
    storage::Ticket ticket;
  };

  std::mt19937 random_;
  storage::MemoryStore memory_;
  std::vector<Queued> queue_;
  std::vector<storage::Completion> completions_;
};

}  // namespace sotto::transparency_log::testing

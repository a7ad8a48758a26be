// Writes batches in waves: all of one wave are durable before the next begins. So a page never becomes
// visible before the pages under it, and what is written last says that all else is there.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "storage/commits.h"

namespace sotto::transparency_log {

/// Batches whose order does not matter; at most one for each partition where it would.
using Wave = std::vector<storage::Batch>;

class WaveWriter {
 public:
  enum class OnFailure : std::uint8_t {
    give_up,  ///< the first failed batch ends everything
    repeat,   ///< failed batches are written again with retry()
  };
  enum class State : std::uint8_t {
    idle,  ///< nothing to do, or all is durable
    writing,
    waiting,  ///< something failed or the queue was full: retry() goes on
    given_up,
  };

  explicit WaveWriter(storage::Store& store) : commits_(store) {}

  /// Precondition: idle or given up.
  void begin(std::deque<Wave> waves, OnFailure on_failure);
  /// Hands the store again what failed. Does nothing unless waiting.
  void retry();
  /// Completions of other commits are ignored.
  void on_completion(const storage::Completion& completion) { commits_.on_completion(completion); }

  [[nodiscard]] State state() const;
  /// The last failure since which nothing succeeded.
  [[nodiscard]] std::optional<storage::StorageError> failure() const { return failure_; }

 private:
  void begin_wave();
  void pump();
  void completed(std::size_t index, std::size_t octets, std::optional<storage::StorageError> failure);

  storage::Commits commits_;
  std::deque<Wave> waves_;
  OnFailure on_failure_ = OnFailure::repeat;
  std::vector<std::size_t> to_write_;  ///< indices into waves_.front(), the next one last
  std::size_t in_flight_octets_ = 0;
  bool held_ = false;  ///< nothing is handed to the store before retry()
  std::optional<storage::StorageError> failure_;
};

/// Fills batches of one partition, in order, each as full as kBatchOctets and kBatchWrites let it be.
class BatchFiller {
 public:
  explicit BatchFiller(const storage::Partition& partition) : partition_(partition) {}

  void put(ByteView key, Bytes value);
  [[nodiscard]] std::vector<storage::Batch> take() && { return std::move(batches_); }

 private:
  storage::Partition partition_;
  std::vector<storage::Batch> batches_;
  std::size_t octets_ = 0;  ///< of the last batch
};

}  // namespace sotto::transparency_log

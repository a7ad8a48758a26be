// The bounded queue between those who commit and the one thread that writes. Internal to the module.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "storage/store.h"

namespace sotto::storage {

struct QueuedBatch {
  Batch batch;
  Ticket ticket;
  std::size_t octets;  ///< as checked_octets() counts
};

/// Thread-safe. Batches leave in the order in which they came.
class CommitQueue {
 public:
  explicit CommitQueue(QueueBounds bounds) : bounds_(bounds) {}

  /// Fails with overloaded. Batches taken but not yet released count.
  StorageResult<void> push(QueuedBatch batch);
  /// Waits for batches and takes as many as fit a group; empty only when the queue is closed and drained.
  std::vector<QueuedBatch> take_group();
  /// Gives the room of a finished group back.
  void release(std::size_t batches, std::size_t octets);
  /// Lets take_group() end. No push may follow.
  void close();

 private:
  const QueueBounds bounds_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<QueuedBatch> waiting_;
  std::size_t held_batches_ = 0;
  std::size_t held_octets_ = 0;
  bool closed_ = false;
};

}  // namespace sotto::storage

#include "storage/commit_queue.h"

#include <utility>

namespace sotto::storage {
namespace {

// A group is one log record and must fit a memtable many times over; beyond this size a larger one saves
// nothing.
constexpr std::size_t kMaxGroupOctets = std::size_t{8} << 20;

}  // namespace

StorageResult<void> CommitQueue::push(QueuedBatch batch) {
  {
    const std::lock_guard lock(mutex_);
    if (held_batches_ >= bounds_.batches || held_octets_ + batch.octets > bounds_.octets) {
      return err(StorageError::overloaded);
    }
    ++held_batches_;
    held_octets_ += batch.octets;
    waiting_.push_back(std::move(batch));
  }
  filled_.notify_one();
  return {};
}

std::vector<QueuedBatch> CommitQueue::take_group() {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
  std::vector<QueuedBatch> group;
  std::size_t octets = 0;
  while (!waiting_.empty() && octets < kMaxGroupOctets) {
    octets += waiting_.front().octets;
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return group;
}

void CommitQueue::release(std::size_t batches, std::size_t octets) {
  const std::lock_guard lock(mutex_);
  held_batches_ -= batches;
  held_octets_ -= octets;
}

void CommitQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  filled_.notify_one();
}

}  // namespace sotto::storage

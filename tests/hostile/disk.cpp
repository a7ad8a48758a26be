#include "disk.h"

#include <utility>

namespace sotto::hostile {

Disk::Disk(const std::filesystem::path& folder, log::Logger& logger)
    : store_(storage::RocksDbStore::open(
                 {.directory = folder, .bounds = {}},
                 [this](std::vector<storage::Completion> group) { done(std::move(group)); }, logger)
                 .value()) {}

storage::StorageResult<std::optional<Bytes>> Disk::get(const storage::Partition& partition, ByteView key) {
  return store_->get(partition, key);
}

storage::StorageResult<storage::Page> Disk::scan(const storage::Partition& partition, ByteView from,
                                                 std::optional<ByteView> to, storage::ScanLimits limits) {
  return store_->scan(partition, from, to, limits);
}

storage::StorageResult<storage::PartitionVersion> Disk::version(const storage::Partition& partition) {
  return store_->version(partition);
}

storage::StorageResult<void> Disk::commit(storage::Batch batch, storage::Ticket ticket) {
  partitions_.insert(batch.partition);
  {
    const std::lock_guard lock(mutex_);
    ++outstanding_;
  }
  auto queued = store_->commit(std::move(batch), ticket);
  if (!queued) {
    const std::lock_guard lock(mutex_);
    --outstanding_;
  }
  return queued;
}

bool Disk::busy() {
  const std::lock_guard lock(mutex_);
  return outstanding_ > 0 || !finished_.empty();
}

std::vector<std::vector<storage::Completion>> Disk::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return outstanding_ == 0; });
  return std::exchange(finished_, {});
}

void Disk::done(std::vector<storage::Completion> group) {
  const std::lock_guard lock(mutex_);
  outstanding_ -= group.size();
  finished_.push_back(std::move(group));
  changed_.notify_all();
}

}  // namespace sotto::hostile

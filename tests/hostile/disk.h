// The server's real disk on a stage: RocksDB in a folder, with its completions handed over on the stage's own
// thread, and a note of every partition that was ever written.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "log/log.h"
#include "storage/rocksdb_store.h"

namespace sotto::hostile {

class Disk final : public storage::Store {
 public:
  Disk(const std::filesystem::path& folder, log::Logger& logger);

  storage::StorageResult<std::optional<Bytes>> get(const storage::Partition& partition,
                                                   ByteView key) override;
  storage::StorageResult<storage::Page> scan(const storage::Partition& partition, ByteView from,
                                             std::optional<ByteView> to, storage::ScanLimits limits) override;
  storage::StorageResult<storage::PartitionVersion> version(const storage::Partition& partition) override;
  storage::StorageResult<void> commit(storage::Batch batch, storage::Ticket ticket) override;

  /// Something was committed whose completion wait() has not given yet.
  [[nodiscard]] bool busy();
  /// Waits until everything committed is complete; the completions since the last call.
  std::vector<std::vector<storage::Completion>> wait();
  [[nodiscard]] const std::set<storage::Partition>& partitions() const { return partitions_; }
  /// Flushes and closes. No other call may follow but partitions().
  void close() { store_.reset(); }

 private:
  void done(std::vector<storage::Completion> group);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t outstanding_ = 0;
  std::vector<std::vector<storage::Completion>> finished_;
  std::set<storage::Partition> partitions_;
  std::unique_ptr<storage::RocksDbStore> store_;
};

}  // namespace sotto::hostile

// The embedded durable store, on RocksDB. Encoding and durability: docs/specs/storage.md 3 and 4.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>

#include "log/log.h"
#include "storage/store.h"

namespace rocksdb {
class Env;
}

namespace sotto::storage {

struct RocksDbOptions {
  std::filesystem::path directory;  ///< created if missing; its parent must exist
  QueueBounds bounds;
  // 512 MiB memtables gave a p99 of 194 ms where 64 MiB gave a few.
  std::size_t memtable_octets = std::size_t{64} << 20;
  std::size_t block_cache_octets = std::size_t{64} << 20;
  // After a failed write commits fail at once, except one per interval that tries to open the database anew.
  std::chrono::milliseconds reopen_interval{1000};
};

/// Reads and commit() may be called from any thread. The sink is called from the store's one commit thread.
class RocksDbStore final : public Store {
 public:
  /// Opens or creates the database. Fails with locked, corrupt, unknown_format, no_space or io_error.
  /// `logger` must outlive the store.
  static Result<std::unique_ptr<RocksDbStore>, OpenFailure> open(const RocksDbOptions& options,
                                                                 CompletionSink sink, log::Logger& logger);

  /// Commits what is queued, completes it, flushes and closes. No other call may be running or follow.
  ~RocksDbStore() override;
  RocksDbStore(const RocksDbStore&) = delete;
  RocksDbStore& operator=(const RocksDbStore&) = delete;

  StorageResult<std::optional<Bytes>> get(const Partition& partition, ByteView key) override;
  StorageResult<Page> scan(const Partition& partition, ByteView from, std::optional<ByteView> to,
                           ScanLimits limits) override;
  StorageResult<PartitionVersion> version(const Partition& partition) override;
  StorageResult<void> commit(Batch batch, Ticket ticket) override;

 private:
  class Impl;
  friend Result<std::unique_ptr<RocksDbStore>, OpenFailure> open_with_env(const RocksDbOptions& options,
                                                                          CompletionSink sink,
                                                                          log::Logger& logger,
                                                                          rocksdb::Env* env);
  explicit RocksDbStore(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace sotto::storage

// One RocksDB database of ours on disk: locked, checked, opened, closed. Internal to the module.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "log/log.h"
#include "storage/encoding.h"
#include "storage/error.h"
#include "storage/rocksdb_store.h"
#include "storage/trim_filter.h"

namespace rocksdb {
class DB;
class Env;
class Status;
}  // namespace rocksdb

namespace sotto::storage {

StorageError to_error(const rocksdb::Status& status);

/// The state of the partition with this encoded prefix, the empty state if it has none. Fails with io_error
/// or corrupt.
StorageResult<PartitionState> read_state(rocksdb::DB& db, ByteView prefix);

/// An exclusive lock on a directory, held by this process while the object lives.
class DirectoryLock {
 public:
  DirectoryLock() = default;
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

  /// Fails with locked, no_space or io_error.
  Result<void, OpenFailure> acquire(const std::filesystem::path& directory);

 private:
  int descriptor_ = -1;
};

class Database {
 public:
  /// `env` must outlive the database; null means the operating system's.
  static Result<std::unique_ptr<Database>, OpenFailure> open(const RocksDbOptions& options, rocksdb::Env* env,
                                                             log::Logger& logger);
  /// Flushes and closes.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] rocksdb::DB& db() { return *db_; }

  /// Set by RocksDB when it stopped writing after a failure; whoever clears it has called resume().
  [[nodiscard]] std::atomic<bool>& troubled() { return troubled_; }

  /// After a failure: makes the database writable again, with a new log, because the old one may end in half
  /// a record behind which nothing would be found at the next start. Fails with no_space or io_error.
  StorageResult<void> resume();

 private:
  explicit Database(log::Logger& logger);
  Result<void, OpenFailure> open_db(const RocksDbOptions& options, rocksdb::Env* env);
  Result<void, OpenFailure> check_format(const std::filesystem::path& directory);

  log::Logger& logger_;
  DirectoryLock lock_;
  std::atomic<bool> troubled_ = false;
  FilteredDb filtered_ = nullptr;
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace sotto::storage

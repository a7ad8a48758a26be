// One RocksDB database of ours on disk: locked, checked, opened, reopened after failures, closed. Internal to
// the module.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>

#include "log/log.h"
#include "storage/directory_lock.h"
#include "storage/encoding.h"
#include "storage/error.h"
#include "storage/rocksdb_store.h"
#include "storage/trim_filter.h"

namespace rocksdb {
class DB;
class Env;
class Status;
class WriteBatch;
}  // namespace rocksdb

namespace sotto::storage {

StorageError to_error(const rocksdb::Status& status);

/// The state of the partition with this encoded prefix, the empty state if it has none. Fails with io_error
/// or corrupt.
StorageResult<PartitionState> read_state(rocksdb::DB& db, ByteView prefix);

/// Any thread may read(); writable() and write() are for one thread.
///
/// After a failed write the log may end in half a record, behind which a later start would find nothing, and
/// RocksDB 7.8 as Debian builds it aborts the process when that log is written to again. So the database is
/// closed and opened anew, with a new log, before the next write; reads go on meanwhile, from the failed
/// database or from one opened read-only.
class Database {
 public:
  /// `env` and `logger` must outlive the database; no env means the operating system's.
  static Result<std::unique_ptr<Database>, OpenFailure> open(const RocksDbOptions& options, rocksdb::Env* env,
                                                             log::Logger& logger);
  /// Flushes and closes.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Keeps the database open while it lives. Null when it could not even be opened for reading.
  struct Reading {
    std::shared_lock<std::shared_mutex> lock;
    rocksdb::DB* db;
  };
  Reading read();

  /// The database to write to, reopened if the last write failed. Fails with no_space, io_error or corrupt.
  StorageResult<rocksdb::DB*> writable();
  /// Writes and syncs. Fails with no_space, io_error or corrupt; nothing of the batch is visible then.
  StorageResult<void> write(rocksdb::WriteBatch& batch);

 private:
  class Listener;

  Database(const RocksDbOptions& options, rocksdb::Env* env, log::Logger& logger);
  /// With a limit, log records above that sequence number are ignored.
  rocksdb::Status open_engine(bool read_only, std::optional<std::uint64_t> sequence_limit);
  Result<void, OpenFailure> check_format();
  [[nodiscard]] bool has_space_to_reopen() const;
  StorageResult<void> reopen();
  void fail(StorageError error);
  void close_engine();

  const RocksDbOptions options_;
  rocksdb::Env* const env_;
  log::Logger& logger_;
  DirectoryLock lock_;
  FilteredDb filtered_ = nullptr;
  std::shared_mutex reopening_;
  std::unique_ptr<rocksdb::DB> db_;
  /// The highest sequence number that a completed write has.
  std::uint64_t completed_sequence_ = 0;
  std::atomic<bool> troubled_ = false;
  std::atomic<StorageError> trouble_ = StorageError::io_error;
  std::chrono::steady_clock::time_point next_attempt_;
};

}  // namespace sotto::storage

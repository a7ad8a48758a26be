#include "storage/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace sotto::storage {
namespace {

namespace fs = std::filesystem;

// RocksDB's own text log is for its developers; ours tells the operator.
constexpr std::size_t kMaxInfoLogOctets = std::size_t{4} << 20;
constexpr std::size_t kInfoLogsKept = 2;
// Files that one compaction may still be reading plus what a flush adds; keeps bursts from stalling commits.
constexpr int kMemtables = 4;
constexpr double kBloomBitsPerKey = 10;

rocksdb::Slice slice(ByteView bytes) { return {as_chars(bytes).data(), bytes.size()}; }
ByteView view(const rocksdb::Slice& bytes) { return as_bytes({bytes.data(), bytes.size()}); }

OpenFailure failure(StorageError error, const fs::path& directory, std::string_view detail) {
  const auto advice = [error]() -> std::string_view {
    switch (error) {
      case StorageError::locked: return "stop the other process, or configure another directory";
      case StorageError::no_space: return "free some space on this file system and start again";
      case StorageError::corrupt: return "keep a copy of the directory, then restore it from a backup";
      case StorageError::unknown_format:
        return "use the version that wrote it, or configure another directory";
      default: return "check the disk and the permissions of the directory";
    }
  }();
  return {error, fmt::format("{}: {} ({}); {}", directory.string(), describe(error), detail, advice)};
}

OpenFailure errno_failure(const fs::path& directory, int number) {
  const StorageError error = number == ENOSPC ? StorageError::no_space : StorageError::io_error;
  return failure(error, directory, std::generic_category().message(number));
}

/// Leaves recovery to Database::resume(), which alone knows that the log must be replaced.
class TroubleListener final : public rocksdb::EventListener {
 public:
  TroubleListener(std::atomic<bool>& troubled, log::Logger& logger) : troubled_(troubled), logger_(logger) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status* status) override {
    troubled_ = true;
    logger_.error("storage_write_failed", {log::operator_text("detail", status->ToString())});
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*status*/,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }

 private:
  std::atomic<bool>& troubled_;
  log::Logger& logger_;
};

rocksdb::Options engine_options(const RocksDbOptions& options, rocksdb::Env* env) {
  rocksdb::Options out;
  if (env != nullptr) out.env = env;
  out.create_if_missing = true;
  out.write_buffer_size = options.memtable_octets;
  out.max_write_buffer_number = kMemtables;
  out.compression = rocksdb::kNoCompression;  // values are encrypted
  out.max_bgerror_resume_count = 0;
  out.max_log_file_size = kMaxInfoLogOctets;
  out.keep_log_file_num = kInfoLogsKept;
  out.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  out.stats_dump_period_sec = 0;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_octets);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return out;
}

/// RocksDB creates a new database when its CURRENT file is missing, over whatever tables still lie there.
bool lost_its_current_file(const fs::path& directory) {
  std::error_code ignored;
  if (fs::exists(directory / "CURRENT", ignored)) return false;
  for (const auto& file : fs::directory_iterator(directory, ignored)) {
    const fs::path name = file.path().filename();
    if (name.extension() == ".sst" || name.string().starts_with("MANIFEST-")) return true;
  }
  return false;
}

}  // namespace

StorageError to_error(const rocksdb::Status& status) {
  if (status.IsNoSpace()) return StorageError::no_space;
  // A file that the database's own records name is missing.
  if (status.IsCorruption() || status.IsPathNotFound()) return StorageError::corrupt;
  return StorageError::io_error;
}

StorageResult<PartitionState> read_state(rocksdb::DB& db, ByteView prefix) {
  const Bytes key = encode_state_key(prefix);
  rocksdb::PinnableSlice record;
  const rocksdb::Status status = db.Get({}, db.DefaultColumnFamily(), slice(key), &record);
  if (status.IsNotFound()) return PartitionState{};
  if (!status.ok()) return err(to_error(status));
  return decode_state(view(record));
}

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void, OpenFailure> DirectoryLock::acquire(const fs::path& directory) {
  const fs::path file = directory / "sotto.lock";
  descriptor_ = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor_ < 0) return err(errno_failure(directory, errno));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return {};
  if (errno == EWOULDBLOCK) return err(failure(StorageError::locked, directory, "sotto.lock is held"));
  return err(errno_failure(directory, errno));
}

Database::Database(log::Logger& logger) : logger_(logger) {}

Result<std::unique_ptr<Database>, OpenFailure> Database::open(const RocksDbOptions& options,
                                                              rocksdb::Env* env, log::Logger& logger) {
  std::error_code error;
  fs::create_directory(options.directory, error);
  if (error) return err(errno_failure(options.directory, error.value()));
  std::unique_ptr<Database> database(new Database(logger));
  SOTTO_CHECK_OK(database->lock_.acquire(options.directory));
  if (lost_its_current_file(options.directory)) {
    return err(failure(StorageError::corrupt, options.directory, "the file CURRENT is missing"));
  }
  SOTTO_CHECK_OK(database->open_db(options, env));
  SOTTO_CHECK_OK(database->check_format(options.directory));
  database->filtered_ = database->db_.get();
  return database;
}

Result<void, OpenFailure> Database::open_db(const RocksDbOptions& options, rocksdb::Env* env) {
  rocksdb::Options engine = engine_options(options, env);
  engine.compaction_filter_factory = make_trim_filter(filtered_);
  engine.listeners.push_back(std::make_shared<TroubleListener>(troubled_, logger_));
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(engine, options.directory.string(), &db);
  db_.reset(db);
  if (status.ok()) return {};
  // Column families or features that are not ours.
  const bool foreign = status.IsInvalidArgument() || status.IsNotSupported();
  return err(failure(foreign ? StorageError::unknown_format : to_error(status), options.directory,
                     status.ToString()));
}

Result<void, OpenFailure> Database::check_format(const fs::path& directory) {
  const Bytes key = encode_format_key();
  std::string record;
  rocksdb::Status status = db_->Get({}, slice(key), &record);
  if (status.ok()) {
    const auto version = decode_format(as_bytes(record));
    if (!version) return err(failure(version.error(), directory, "the format record is malformed"));
    if (*version == kFormatVersion) return {};
    return err(failure(StorageError::unknown_format, directory,
                       fmt::format("it has version {}, this program reads {}", *version, kFormatVersion)));
  }
  if (!status.IsNotFound()) return err(failure(to_error(status), directory, status.ToString()));
  const std::unique_ptr<rocksdb::Iterator> any(db_->NewIterator({}));
  any->SeekToFirst();
  if (any->Valid()) {
    return err(failure(StorageError::unknown_format, directory, "Sotto did not write this database"));
  }
  rocksdb::WriteOptions synced;
  synced.sync = true;
  status = db_->Put(synced, slice(key), slice(encode_format(kFormatVersion)));
  if (!status.ok()) return err(failure(to_error(status), directory, status.ToString()));
  return {};
}

StorageResult<void> Database::resume() {
  rocksdb::Status status = db_->Resume();
  // Only a memtable that holds something is flushed, and only a flush begins a new log.
  if (status.ok()) status = db_->Put({}, slice(encode_format_key()), slice(encode_format(kFormatVersion)));
  if (status.ok()) status = db_->Flush({});
  if (status.ok()) {
    logger_.info("storage_resumed");
    return {};
  }
  return err(to_error(status));
}

Database::~Database() {
  if (db_ == nullptr) return;
  rocksdb::Status status = db_->Flush({});
  if (status.ok()) status = db_->Close();
  // Nothing is lost by it: what was completed is in the log.
  if (!status.ok())
    logger_.warning("storage_close_failed", {log::operator_text("detail", status.ToString())});
}

}  // namespace sotto::storage

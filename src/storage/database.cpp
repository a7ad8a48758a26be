#include "storage/database.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/listener.h>
#include <rocksdb/wal_filter.h>
#include <rocksdb/write_batch.h>

#include <cstring>
#include <system_error>
#include <utility>

#include "storage/engine_options.h"

namespace sotto::storage {
namespace {

namespace fs = std::filesystem;

// Beside the tables that the log's content becomes: manifest, log and lock files.
constexpr std::uintmax_t kReopenSpareOctets = std::uintmax_t{1} << 20;

rocksdb::Slice slice(ByteView bytes) { return {as_chars(bytes).data(), bytes.size()}; }
ByteView view(const rocksdb::Slice& bytes) { return as_bytes({bytes.data(), bytes.size()}); }

/// Leaves out of the replayed log what was written by a commit that was reported as failed.
class FailedCommitFilter final : public rocksdb::WalFilter {
 public:
  explicit FailedCommitFilter(std::uint64_t limit) : limit_(limit) {}

  const char* Name() const override { return "sotto.failed_commit"; }
  WalProcessingOption LogRecordFound(unsigned long long /*log*/, const std::string& /*file*/,
                                     const rocksdb::WriteBatch& batch, rocksdb::WriteBatch* /*replacement*/,
                                     bool* /*replaced*/) override {
    // A batch begins with its sequence number, little-endian.
    std::uint64_t sequence = 0;
    for (std::size_t i = 8; i > 0; --i)
      sequence = sequence << 8 | static_cast<std::uint8_t>(batch.Data()[i - 1]);
    return sequence > limit_ ? WalProcessingOption::kIgnoreCurrentRecord
                             : WalProcessingOption::kContinueProcessing;
  }

 private:
  std::uint64_t limit_;
};

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

/// Hears of failures in the background, so that the next commit need not fail to find out. Compactions that
/// lack space are left to RocksDB: they wait, and nothing is lost meanwhile.
class Database::Listener final : public rocksdb::EventListener {
 public:
  explicit Listener(Database& database) : database_(database) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status* status) override {
    if (status->severity() >= rocksdb::Status::Severity::kHardError) database_.fail(to_error(*status));
    database_.logger_.error("storage_write_failed", {log::operator_text("detail", status->ToString())});
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status status,
                            bool* auto_recovery) override {
    *auto_recovery = status.severity() < rocksdb::Status::Severity::kHardError;
  }

 private:
  Database& database_;
};

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

Database::Database(const RocksDbOptions& options, rocksdb::Env* env, log::Logger& logger)
    : options_(options), env_(env), logger_(logger) {}

Result<std::unique_ptr<Database>, OpenFailure> Database::open(const RocksDbOptions& options,
                                                              rocksdb::Env* env, log::Logger& logger) {
  std::error_code error;
  fs::create_directory(options.directory, error);
  if (error) return err(errno_failure(options.directory, error.value()));
  std::unique_ptr<Database> database(new Database(options, env, logger));
  SOTTO_CHECK_OK(database->lock_.acquire(options.directory));
  if (lost_its_current_file(options.directory)) {
    return err(open_failure(StorageError::corrupt, options.directory, "the file CURRENT is missing"));
  }
  const rocksdb::Status status = database->open_engine(false, std::nullopt);
  if (!status.ok()) {
    // Column families or features that are not ours.
    const bool foreign = status.IsInvalidArgument() || status.IsNotSupported();
    const StorageError reason = foreign ? StorageError::unknown_format : to_error(status);
    return err(open_failure(reason, options.directory, status.ToString()));
  }
  SOTTO_CHECK_OK(database->check_format());
  database->completed_sequence_ = database->db_->GetLatestSequenceNumber();
  return database;
}

rocksdb::Status Database::open_engine(bool read_only, std::optional<std::uint64_t> sequence_limit) {
  const auto engine = engine_options(options_, env_);
  FailedCommitFilter filter(sequence_limit.value_or(0));
  if (sequence_limit) engine->wal_filter = &filter;
  engine->compaction_filter_factory = make_trim_filter(filtered_);
  engine->listeners.push_back(std::make_shared<Listener>(*this));
  rocksdb::DB* db = nullptr;
  const std::string directory = options_.directory.string();
  const rocksdb::Status status = read_only ? rocksdb::DB::OpenForReadOnly(*engine, directory, &db)
                                           : rocksdb::DB::Open(*engine, directory, &db);
  db_.reset(db);
  filtered_ = db;
  return status;
}

Result<void, OpenFailure> Database::check_format() {
  const auto failed = [this](StorageError error, std::string_view detail) {
    return err(open_failure(error, options_.directory, detail));
  };
  const Bytes key = encode_format_key();
  std::string record;
  rocksdb::Status status = db_->Get({}, slice(key), &record);
  if (status.ok()) {
    const auto version = decode_format(as_bytes(record));
    if (!version) return failed(version.error(), "the format record is malformed");
    if (*version == kFormatVersion) return {};
    return failed(StorageError::unknown_format,
                  fmt::format("it has version {}, this program reads {}", *version, kFormatVersion));
  }
  if (!status.IsNotFound()) return failed(to_error(status), status.ToString());
  const std::unique_ptr<rocksdb::Iterator> any(db_->NewIterator({}));
  any->SeekToFirst();
  if (any->Valid()) return failed(StorageError::unknown_format, "Sotto did not write this database");
  rocksdb::WriteOptions synced;
  synced.sync = true;
  status = db_->Put(synced, slice(key), slice(encode_format(kFormatVersion)));
  if (!status.ok()) return failed(to_error(status), status.ToString());
  return {};
}

Database::Reading Database::read() {
  std::shared_lock lock(reopening_);
  return {std::move(lock), db_.get()};
}

StorageResult<rocksdb::DB*> Database::writable() {
  if (troubled_) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_attempt_) return err(trouble_.load());
    next_attempt_ = now + options_.reopen_interval;
    SOTTO_CHECK_OK(reopen());
  }
  return db_.get();
}

StorageResult<void> Database::write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const rocksdb::Status status = db_->Write(synced, &batch);
  if (!status.ok()) {
    fail(to_error(status));
    return err(to_error(status));
  }
  completed_sequence_ = db_->GetLatestSequenceNumber();
  return {};
}

void Database::fail(StorageError error) {
  trouble_ = error;
  troubled_ = true;
}

bool Database::has_space_to_reopen() const {
  std::error_code error;
  const fs::space_info space = fs::space(options_.directory, error);
  // The log's content becomes tables before the log goes away.
  return !error && space.available >= 2 * std::uintmax_t{options_.memtable_octets} + kReopenSpareOctets;
}

StorageResult<void> Database::reopen() {
  if (!has_space_to_reopen()) return err(trouble_.load());
  const std::unique_lock exclusive(reopening_);
  troubled_ = false;
  close_engine();
  rocksdb::Status status = open_engine(false, completed_sequence_);
  if (status.ok()) {
    logger_.info("storage_reopened");
    return {};
  }
  fail(to_error(status));
  logger_.error("storage_reopen_failed", {log::operator_text("detail", status.ToString())});
  status = open_engine(true, completed_sequence_);
  if (!status.ok()) {
    logger_.error("storage_unreadable", {log::operator_text("detail", status.ToString())});
  }
  return err(trouble_.load());
}

void Database::close_engine() {
  if (db_ == nullptr) return;
  const rocksdb::Status status = db_->Close();
  // Nothing is lost by it: what was completed is in the log.
  if (!status.ok())
    logger_.warning("storage_close_failed", {log::operator_text("detail", status.ToString())});
  filtered_ = nullptr;
  db_.reset();
}

Database::~Database() {
  if (db_ != nullptr && !troubled_) {
    const rocksdb::Status status = db_->Flush({});
    if (!status.ok())
      logger_.warning("storage_flush_failed", {log::operator_text("detail", status.ToString())});
  }
  close_engine();
}

}  // namespace sotto::storage

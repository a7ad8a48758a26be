#include "storage/rocksdb_store.h"

#include <rocksdb/db.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>
#include <utility>

#include "storage/batch.h"
#include "storage/commit_queue.h"
#include "storage/database.h"
#include "storage/encoding.h"
#include "storage/group_writer.h"
#include "storage/rocksdb_env.h"

namespace sotto::storage {
namespace {

// A commit thread short of CPU moved the 99th percentile from 2 to 240 ms. Without CAP_SYS_NICE it stays at
// 0.
constexpr int kCommitThreadNice = -10;

rocksdb::Slice slice(ByteView bytes) { return {as_chars(bytes).data(), bytes.size()}; }
ByteView view(const rocksdb::Slice& bytes) { return as_bytes({bytes.data(), bytes.size()}); }

}  // namespace

class RocksDbStore::Impl {
 public:
  Impl(std::unique_ptr<Database> database, QueueBounds bounds, CompletionSink sink)
      : database_(std::move(database)),
        queue_(bounds),
        writer_(*database_),
        sink_(std::move(sink)),
        thread_([this] { run(); }) {}
  ~Impl() {
    queue_.close();
    thread_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Database::Reading read() { return database_->read(); }
  CommitQueue& queue() { return queue_; }

 private:
  // Drain and loop: what was queued during one write is the next group, so groups grow with the load.
  void run() {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kCommitThreadNice);
    for (auto group = queue_.take_group(); !group.empty(); group = queue_.take_group()) {
      std::size_t octets = 0;
      for (const QueuedBatch& queued : group) octets += queued.octets;
      std::vector<Completion> completions = writer_.write(group);
      queue_.release(group.size(), octets);
      sink_(std::move(completions));
    }
  }

  std::unique_ptr<Database> database_;
  CommitQueue queue_;
  GroupWriter writer_;
  CompletionSink sink_;
  std::thread thread_;
};

RocksDbStore::RocksDbStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RocksDbStore::~RocksDbStore() = default;

Result<std::unique_ptr<RocksDbStore>, OpenFailure> open_with_env(const RocksDbOptions& options,
                                                                 CompletionSink sink, log::Logger& logger,
                                                                 rocksdb::Env* env) {
  SOTTO_TRY(auto database, Database::open(options, env, logger));
  auto impl = std::make_unique<RocksDbStore::Impl>(std::move(database), options.bounds, std::move(sink));
  return std::unique_ptr<RocksDbStore>(new RocksDbStore(std::move(impl)));
}

Result<std::unique_ptr<RocksDbStore>, OpenFailure> RocksDbStore::open(const RocksDbOptions& options,
                                                                      CompletionSink sink,
                                                                      log::Logger& logger) {
  return open_with_env(options, std::move(sink), logger, nullptr);
}

// The value first: when a trim or a put comes in between, the answer is still one that was true at some
// moment.
StorageResult<std::optional<Bytes>> RocksDbStore::get(const Partition& partition, ByteView key) {
  SOTTO_CHECK_OK(check_key(key));
  const Database::Reading reading = impl_->read();
  if (reading.db == nullptr) return err(StorageError::io_error);
  rocksdb::DB& db = *reading.db;
  const Bytes prefix = encode_prefix(partition);
  const Bytes encoded = encode_entry_key(prefix, key);
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = db.Get({}, db.DefaultColumnFamily(), slice(encoded), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return err(to_error(status));
  SOTTO_TRY(const PartitionState state, read_state(db, prefix));
  if (state.watermarks.covering(key) != nullptr) return std::nullopt;
  return to_bytes(view(value));
}

// State and entries come from one iterator, and so from one state of the database.
StorageResult<Page> RocksDbStore::scan(const Partition& partition, ByteView from, std::optional<ByteView> to,
                                       ScanLimits limits) {
  SOTTO_CHECK_OK(check_bounds(from, to));
  const Bytes prefix = encode_prefix(partition);
  const Bytes state_key = encode_state_key(prefix);
  const Bytes end = to ? encode_entry_key(prefix, *to) : encode_partition_end(prefix);
  const rocksdb::Slice upper = slice(end);
  rocksdb::ReadOptions bounded;
  bounded.iterate_upper_bound = &upper;
  const Database::Reading reading = impl_->read();
  if (reading.db == nullptr) return err(StorageError::io_error);
  const std::unique_ptr<rocksdb::Iterator> at(reading.db->NewIterator(bounded));
  at->Seek(slice(state_key));
  PartitionState state;
  if (at->Valid() && at->key() == slice(state_key)) {
    SOTTO_TRY(state, decode_state(view(at->value())));
  }
  PageBuilder page(limits);
  for (at->Seek(slice(encode_entry_key(prefix, from))); at->Valid();) {
    const auto entry = decode_entry_key(view(at->key()));
    if (!entry) return err(StorageError::corrupt);
    if (const Bytes* watermark = state.watermarks.covering(entry->key)) {
      at->Seek(slice(encode_after(prefix, *watermark)));
      continue;
    }
    if (!page.add(entry->key, view(at->value()))) break;
    at->Next();
  }
  if (!at->status().ok()) return err(to_error(at->status()));
  return std::move(page).take(state.version);
}

StorageResult<PartitionVersion> RocksDbStore::version(const Partition& partition) {
  const Database::Reading reading = impl_->read();
  if (reading.db == nullptr) return err(StorageError::io_error);
  SOTTO_TRY(const PartitionState state, read_state(*reading.db, encode_prefix(partition)));
  return state.version;
}

StorageResult<void> RocksDbStore::commit(Batch batch, Ticket ticket) {
  SOTTO_TRY(const std::size_t octets, checked_octets(batch));
  return impl_->queue().push({std::move(batch), ticket, octets});
}

}  // namespace sotto::storage

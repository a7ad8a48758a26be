#include "storage/trim_filter.h"

#include <rocksdb/compaction_filter.h>
#include <rocksdb/db.h>

#include <string>

#include "storage/database.h"
#include "storage/encoding.h"

namespace sotto::storage {
namespace {

ByteView view(const rocksdb::Slice& slice) { return as_bytes({slice.data(), slice.size()}); }

/// Serves one flush or compaction, whose keys come in order: a partition's state is read once.
class TrimFilter final : public rocksdb::CompactionFilter {
 public:
  explicit TrimFilter(const FilteredDb& db) : db_(db) {}

  const char* Name() const override { return "sotto.trim"; }

  // Whole ranges are skipped rather than turned into tombstones; older versions of their keys that may come
  // to light are below the same watermark. What the database shows is durable: the log is synced before the
  // memtable changes.
  Decision FilterV2(int /*level*/, const rocksdb::Slice& encoded, ValueType /*type*/,
                    const rocksdb::Slice& /*value*/, std::string* /*new_value*/,
                    std::string* skip_until) const noexcept override {
    return decide(encoded, skip_until);
  }
  // Large values lie apart and need not be read to be filtered.
  Decision FilterBlobByKey(int /*level*/, const rocksdb::Slice& encoded, std::string* /*new_value*/,
                           std::string* skip_until) const noexcept override {
    return decide(encoded, skip_until);
  }

 private:
  Decision decide(const rocksdb::Slice& encoded, std::string* skip_until) const noexcept {
    const auto entry = decode_entry_key(view(encoded));
    if (!entry) return Decision::kKeep;
    if (!equal(entry->prefix, prefix_)) load(entry->prefix);
    const Bytes* watermark = watermarks_.covering(entry->key);
    if (watermark == nullptr) return Decision::kKeep;
    skip_until->assign(as_chars(encode_after(entry->prefix, *watermark)));
    return Decision::kRemoveAndSkipUntil;
  }
  /// A state that cannot be read keeps everything.
  void load(ByteView prefix) const {
    prefix_ = to_bytes(prefix);
    watermarks_ = {};
    rocksdb::DB* db = db_.load();
    if (db == nullptr) return;
    if (auto state = read_state(*db, prefix)) watermarks_ = std::move(state->watermarks);
  }

  const FilteredDb& db_;
  mutable Bytes prefix_;
  mutable Watermarks watermarks_;
};

class TrimFilterFactory final : public rocksdb::CompactionFilterFactory {
 public:
  explicit TrimFilterFactory(const FilteredDb& db) : db_(db) {}

  const char* Name() const override { return "sotto.trim"; }

  // Most queue entries are trimmed before their memtable is flushed and never reach a table file.
  bool ShouldFilterTableFileCreation(rocksdb::TableFileCreationReason reason) const override {
    return reason == rocksdb::TableFileCreationReason::kFlush ||
           reason == rocksdb::TableFileCreationReason::kCompaction;
  }

  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context& /*context*/) override {
    return std::make_unique<TrimFilter>(db_);
  }

 private:
  const FilteredDb& db_;
};

}  // namespace

std::shared_ptr<rocksdb::CompactionFilterFactory> make_trim_filter(const FilteredDb& db) {
  return std::make_shared<TrimFilterFactory>(db);
}

}  // namespace sotto::storage

#include "storage/engine_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <cstdarg>

namespace sotto::storage {
namespace {

// One is written to, the others wait for their flush: bursts do not stall commits.
constexpr int kMemtables = 4;
constexpr double kBloomBitsPerKey = 10;
// Above envelopes, which are read in order and soon gone; below what blobs are cut into.
constexpr std::uint64_t kApartOctets = std::uint64_t{128} << 10;

/// Instead of RocksDB's own log file, which would hold keys, and which aborts the process on a full disk when
/// RocksDB is built with assertions, as Debian builds 7.8. Failures reach our log as statuses.
class SilentLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

}  // namespace

// Logs are not recycled: RocksDB 7.8 ignores recycling with every recovery mode that is safe here, 9 does
// not, and both are to behave alike.
std::unique_ptr<rocksdb::Options> engine_options(const RocksDbOptions& options, rocksdb::Env* env) {
  auto out = std::make_unique<rocksdb::Options>();
  if (env != nullptr) out->env = env;
  out->create_if_missing = true;
  out->write_buffer_size = options.memtable_octets;
  out->max_write_buffer_number = kMemtables;
  out->compression = rocksdb::kNoCompression;  // values are encrypted
  // What half a record at the end of the log belongs to was never completed.
  out->wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  out->max_bgerror_resume_count = 0;
  out->info_log = std::make_shared<SilentLogger>();
  out->stats_dump_period_sec = 0;
  // Pieces of blobs go to the disk twice, to the log and to a file of values, and are not copied again by
  // each level's compaction; the space of a file of which half is gone is given back.
  out->enable_blob_files = true;
  out->min_blob_size = kApartOctets;
  out->enable_blob_garbage_collection = true;
  out->blob_garbage_collection_force_threshold = 0.5;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_octets);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  out->table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return out;
}

}  // namespace sotto::storage

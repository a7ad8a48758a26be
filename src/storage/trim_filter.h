// Gives the space of trimmed entries back when RocksDB writes table files. Internal to the module.
#pragma once

#include <atomic>
#include <memory>

namespace rocksdb {
class CompactionFilterFactory;
class DB;
}  // namespace rocksdb

namespace sotto::storage {

/// The database whose watermarks the filter reads; null while it is being opened, and nothing is filtered
/// then.
using FilteredDb = std::atomic<rocksdb::DB*>;

/// `db` must outlive the database that uses the factory.
std::shared_ptr<rocksdb::CompactionFilterFactory> make_trim_filter(const FilteredDb& db);

}  // namespace sotto::storage

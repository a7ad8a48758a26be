// How RocksDB is set up. Internal to the module.
#pragma once

#include <memory>

#include "storage/rocksdb_store.h"

namespace rocksdb {
class Env;
struct Options;
}  // namespace rocksdb

namespace sotto::storage {

std::unique_ptr<rocksdb::Options> engine_options(const RocksDbOptions& options, rocksdb::Env* env);

}  // namespace sotto::storage

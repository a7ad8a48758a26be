// Opens the RocksDB store over another operating system interface, for tests that break the disk.
#pragma once

#include "storage/rocksdb_store.h"

namespace rocksdb {
class Env;
}

namespace sotto::storage {

/// As RocksDbStore::open. `env` must outlive the store.
Result<std::unique_ptr<RocksDbStore>, OpenFailure> open_with_env(const RocksDbOptions& options,
                                                                 CompletionSink sink, log::Logger& logger,
                                                                 rocksdb::Env* env);

}  // namespace sotto::storage

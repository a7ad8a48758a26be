// What the tests of this module share: completions collected from any thread, one shape for both backends.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "paths/test_folder.h"
#include "storage/memory_store.h"
#include "storage/rocksdb_store.h"

namespace sotto::storage {

class Collector {
 public:
  CompletionSink sink() {
    return [this](std::vector<Completion> group) {
      const std::lock_guard lock(mutex_);
      for (Completion& completion : group) completions_.push_back(completion);
      arrived_.notify_all();
    };
  }
  /// Waits until `count` completions are there and takes all.
  std::vector<Completion> take(std::size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return completions_.size() >= count; });
    return std::exchange(completions_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Completion> completions_;
};

class MemoryBackend {
 public:
  explicit MemoryBackend(QueueBounds bounds = {}) : store_(collector_.sink(), bounds) {}

  Store& store() { return store_; }
  std::vector<Completion> settle(std::size_t count) {
    store_.sync();
    return collector_.take(count);
  }
  /// Ends the process that holds the store and starts it again.
  void restart() { store_.crash(); }

 private:
  Collector collector_;
  MemoryStore store_;
};

class RocksDbBackend {
 public:
  // Memtables so small that flushes and compactions happen in tests.
  explicit RocksDbBackend(QueueBounds bounds = {})
      : options_{.directory = directory_.path() / "db",
                 .bounds = bounds,
                 .memtable_octets = std::size_t{64} << 10,
                 .block_cache_octets = std::size_t{1} << 20} {
    open();
  }

  Store& store() { return *store_; }
  std::vector<Completion> settle(std::size_t count) { return collector_.take(count); }
  void restart() {
    store_.reset();
    open();
  }

 private:
  void open() {
    auto opened = RocksDbStore::open(options_, collector_.sink(), logger_);
    if (!opened) ADD_FAILURE() << opened.error().message;
    store_ = std::move(opened).value();
  }

  paths::TestFolder directory_;
  log::NullLogger logger_;
  RocksDbOptions options_;
  Collector collector_;
  std::unique_ptr<RocksDbStore> store_;
};

inline Partition partition(std::string_view name) { return Partition::create(as_bytes(name)).value(); }

/// Commits one batch and waits for its end.
template <typename Backend>
StorageResult<PartitionVersion> commit_and_wait(Backend& backend, Batch batch) {
  SOTTO_CHECK_OK(backend.store().commit(std::move(batch), Ticket{1}));
  return backend.settle(1).at(0).result;
}

inline std::string get_text(Store& store, const Partition& in, std::string_view key) {
  const auto value = store.get(in, as_bytes(key));
  if (!value) return "error: " + std::string(describe(value.error()));
  return *value ? std::string(as_chars(**value)) : "(none)";
}

/// "key=value " for each entry of a page.
inline std::string text(const Page& page) {
  std::string out;
  for (const Entry& entry : page.entries) {
    out.append(as_chars(entry.key)).append("=").append(as_chars(entry.value)).append(" ");
  }
  return out;
}

inline Bytes octets(std::string_view chars) { return to_bytes(as_bytes(chars)); }

}  // namespace sotto::storage

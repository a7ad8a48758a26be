// A disk that is full or fails under a running store.
#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <sys/mount.h>

#include <atomic>
#include <fstream>
#include <map>
#include <set>

#include "paths/test_folder.h"
#include "storage/rocksdb_env.h"
#include "storage/test_backend.h"

namespace sotto::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSmallMemtable = std::size_t{256} << 10;

RocksDbOptions options_in(const paths::TestFolder& directory) {
  return {.directory = directory.path() / "db",
          .bounds = {},
          .memtable_octets = kSmallMemtable,
          .reopen_interval = std::chrono::milliseconds(0)};
}

std::string key_of(std::uint64_t ticket) { return "k" + std::to_string(ticket); }

/// Commits single puts one by one and remembers which succeeded.
class Load {
 public:
  Load(Store& store, Collector& collector) : store_(&store), collector_(collector) {}

  StorageResult<PartitionVersion> put_one(std::size_t octets) {
    const std::uint64_t ticket = ++last_;
    EXPECT_TRUE(
        store_->commit(Batch(box_).put(as_bytes(key_of(ticket)), Bytes(octets, 'v')), Ticket{ticket}));
    const auto done = collector_.take(1);
    EXPECT_EQ(done[0].ticket, Ticket{ticket});
    succeeded_[ticket] = done[0].result.has_value();
    return done[0].result;
  }
  /// Puts until one fails; its error.
  StorageError put_until_failure(std::size_t octets) {
    for (;;) {
      const auto result = put_one(octets);
      if (!result) return result.error();
    }
  }
  void expect_exactly_the_successful(Store& store) const {
    std::uint64_t count = 0;
    for (const auto& [ticket, success] : succeeded_) {
      const auto value = store.get(box_, as_bytes(key_of(ticket)));
      ASSERT_TRUE(value) << describe(value.error());
      EXPECT_EQ(value->has_value(), success) << "ticket " << ticket;
      count += success ? 1 : 0;
    }
    EXPECT_EQ(store.version(box_), PartitionVersion{count});
  }
  void use(Store& store) { store_ = &store; }

 private:
  Store* store_;
  Collector& collector_;
  const Partition box_ = partition("box");
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, bool> succeeded_;
};

/// A small file system of our own, where mounting is allowed.
class SmallDisk {
 public:
  explicit SmallDisk(const fs::path& at) : at_(at) {
    mounted_ = ::mount("sotto-test", at.c_str(), "tmpfs", 0, "size=12m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }

 private:
  fs::path at_;
  bool mounted_;
};

TEST(FullDisk, FailsCommitsKeepsReadsAndRecoversWhenSpaceReturns) {
  paths::TestFolder directory;
  const SmallDisk disk(directory.path());
  if (!disk.mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
  const fs::path ballast = directory.path() / "ballast";
  std::ofstream(ballast) << std::string(std::size_t{6} << 20, 'b');
  const RocksDbOptions options = options_in(directory);
  log::NullLogger logger;
  Collector collector;
  auto store = RocksDbStore::open(options, collector.sink(), logger);
  ASSERT_TRUE(store) << store.error().message;
  Load load(**store, collector);
  for (const std::size_t octets : {1000U, 30'000U, 10U}) {
    EXPECT_EQ(load.put_until_failure(octets), StorageError::no_space);
  }
  load.expect_exactly_the_successful(**store);

  fs::remove(ballast);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(load.put_one(1000)) << i;
  load.expect_exactly_the_successful(**store);
  store->reset();
  store = RocksDbStore::open(options, collector.sink(), logger);
  ASSERT_TRUE(store) << store.error().message;
  load.expect_exactly_the_successful(**store);
}

TEST(FullDisk, IsNamedWhenADatabaseCannotBeCreated) {
  paths::TestFolder directory;
  const SmallDisk disk(directory.path());
  if (!disk.mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
  std::ofstream(directory.path() / "ballast") << std::string(std::size_t{16} << 20, 'b');
  log::NullLogger logger;
  const auto store = RocksDbStore::open({.directory = directory.path() / "db"}, [](auto) {}, logger);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().error, StorageError::no_space) << store.error().message;
}

enum class Breakage { none, log_append, log_append_half, log_sync, table_append };

/// Breaks what it writes as told.
class BrokenFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  BrokenFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, bool is_log,
             const std::atomic<Breakage>& breakage, rocksdb::IOStatus error)
      : FSWritableFileOwnerWrapper(std::move(file)),
        is_log_(is_log),
        breakage_(breakage),
        error_(std::move(error)) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    const Breakage now = breakage_;
    if (is_log_ && now == Breakage::log_append_half) {
      (void)FSWritableFileOwnerWrapper::Append({data.data(), data.size() / 2}, options, debug);
      return error_;
    }
    if (now == (is_log_ ? Breakage::log_append : Breakage::table_append)) return error_;
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& /*verification*/,
                           rocksdb::IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    if (is_log_ && breakage_ == Breakage::log_sync) return error_;
    return FSWritableFileOwnerWrapper::Sync(options, debug);
  }

 private:
  bool is_log_;
  const std::atomic<Breakage>& breakage_;
  rocksdb::IOStatus error_;
};

class BrokenFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  BrokenFileSystem(const std::atomic<Breakage>& breakage, rocksdb::IOStatus error)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), breakage_(breakage), error_(std::move(error)) {}

  const char* Name() const override { return "BrokenFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    auto status = FileSystemWrapper::NewWritableFile(name, options, result, debug);
    const bool is_log = name.ends_with(".log");
    if (status.ok() && (is_log || name.ends_with(".sst"))) {
      *result = std::make_unique<BrokenFile>(std::move(*result), is_log, breakage_, error_);
    }
    return status;
  }

 private:
  const std::atomic<Breakage>& breakage_;
  rocksdb::IOStatus error_;
};

class BrokenDisk : public testing::TestWithParam<Breakage> {
 protected:
  void run(const rocksdb::IOStatus& injected, StorageError reported) {
    std::atomic<Breakage> breakage = Breakage::none;
    const auto env = rocksdb::NewCompositeEnv(std::make_shared<BrokenFileSystem>(breakage, injected));
    paths::TestFolder directory;
    const RocksDbOptions options = options_in(directory);
    log::NullLogger logger;
    Collector collector;
    auto store = open_with_env(options, collector.sink(), logger, env.get());
    ASSERT_TRUE(store) << store.error().message;
    Load load(**store, collector);
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 10; ++i) EXPECT_TRUE(load.put_one(1000)) << "round " << round << " put " << i;
      breakage = GetParam();
      EXPECT_EQ(load.put_until_failure(1000), reported);
      EXPECT_EQ(load.put_until_failure(1000), reported);
      load.expect_exactly_the_successful(**store);
      breakage = Breakage::none;
    }
    EXPECT_TRUE(load.put_one(1000));
    load.expect_exactly_the_successful(**store);
    store->reset();
    store = open_with_env(options, collector.sink(), logger, env.get());
    ASSERT_TRUE(store) << store.error().message;
    load.expect_exactly_the_successful(**store);
    load.use(**store);
    EXPECT_TRUE(load.put_one(1000));
  }
};

TEST_P(BrokenDisk, WithoutSpaceFailsThoseCommitsOnlyAndRecovers) {
  run(rocksdb::IOStatus::NoSpace("injected"), StorageError::no_space);
}

TEST_P(BrokenDisk, WithInputOutputErrorsFailsThoseCommitsOnlyAndRecovers) {
  run(rocksdb::IOStatus::IOError("injected"), StorageError::io_error);
}

/// Lets a test wait for an event.
class WaitingLogger final : public log::Logger {
 public:
  void write(log::Level /*level*/, std::string_view event,
             std::initializer_list<log::Field> /*fields*/) override {
    const std::lock_guard lock(mutex_);
    seen_.emplace(event);
    arrived_.notify_all();
  }
  void wait_for(const std::string& event) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return seen_.contains(event); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::set<std::string> seen_;
};

TEST(BrokenDiskInTheBackground, CostsNoCommitWhenTheDiskIsWellAgain) {
  std::atomic<Breakage> breakage = Breakage::none;
  const auto env = rocksdb::NewCompositeEnv(
      std::make_shared<BrokenFileSystem>(breakage, rocksdb::IOStatus::IOError("injected")));
  paths::TestFolder directory;
  WaitingLogger logger;
  Collector collector;
  auto store = open_with_env(options_in(directory), collector.sink(), logger, env.get());
  ASSERT_TRUE(store) << store.error().message;
  Load load(**store, collector);
  breakage = Breakage::table_append;
  // One more than a memtable holds: the last put only begins the flush that fails.
  EXPECT_TRUE(load.put_one(kSmallMemtable));
  EXPECT_TRUE(load.put_one(10));
  logger.wait_for("storage_write_failed");
  breakage = Breakage::none;
  EXPECT_TRUE(load.put_one(10));
  logger.wait_for("storage_reopened");
  load.expect_exactly_the_successful(**store);
}

INSTANTIATE_TEST_SUITE_P(EveryWay, BrokenDisk,
                         testing::Values(Breakage::log_append, Breakage::log_append_half, Breakage::log_sync,
                                         Breakage::table_append));

}  // namespace
}  // namespace sotto::storage

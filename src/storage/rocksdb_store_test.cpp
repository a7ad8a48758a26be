// Opening and closing: what an operator meets. Faults of a running disk: disk_fault_test.cpp.
#include "storage/rocksdb_store.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <fstream>
#include <semaphore>
#include <thread>

#include "paths/test_folder.h"
#include "storage/encoding.h"
#include "storage/test_backend.h"

namespace sotto::storage {
namespace {

namespace fs = std::filesystem;

class RocksDbStoreTest : public testing::Test {
 protected:
  auto open() { return RocksDbStore::open(options_, collector_.sink(), logger_); }

  /// A closed database that holds one table file; the entry "k" is beyond its first 10,000 octets.
  void create() {
    auto store = open();
    ASSERT_TRUE(store) << store.error().message;
    Batch batch(box_);
    batch.put(as_bytes("a"), Bytes(10'000, 'v')).put(as_bytes("k"), Bytes(10'000, 'v'));
    ASSERT_TRUE((*store)->commit(std::move(batch), Ticket{1}));
    ASSERT_TRUE(collector_.take(1)[0].result);
  }

  /// The failure names the path and the next step.
  void expect_failure(StorageError error, std::string_view next_step) {
    const auto store = open();
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().error, error) << store.error().message;
    EXPECT_EQ(store.error().message.find(options_.directory.string()), 0U) << store.error().message;
    EXPECT_NE(store.error().message.find(next_step), std::string::npos) << store.error().message;
  }

  fs::path file_like(std::string_view part) {
    for (const auto& file : fs::directory_iterator(options_.directory)) {
      if (file.path().filename().string().find(part) != std::string::npos) return file.path();
    }
    ADD_FAILURE() << "no file like " << part;
    return {};
  }

  static void flip_octets(const fs::path& file, std::streamoff from, std::streamoff count) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    for (std::streamoff at = from; at < from + count; ++at) {
      stream.seekg(at);
      const int octet = stream.get();
      stream.seekp(at);
      stream.put(static_cast<char>(octet ^ 0xff));
    }
    ASSERT_TRUE(stream.good());
  }

  /// Changes the closed database behind the store's back.
  void put_raw(ByteView key, ByteView value) {
    rocksdb::Options raw;
    raw.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(raw, options_.directory.string(), &db).ok());
    const std::unique_ptr<rocksdb::DB> owned(db);
    ASSERT_TRUE(db->Put({}, std::string(as_chars(key)), std::string(as_chars(value))).ok());
  }

  const Partition box_ = partition("box");
  paths::TestFolder parent_;
  RocksDbOptions options_{.directory = parent_.path() / "db"};
  log::NullLogger logger_;
  Collector collector_;
};

constexpr std::string_view kRestore = "restore it from a backup";

TEST_F(RocksDbStoreTest, ASecondOpeningIsRefusedUntilTheFirstIsClosed) {
  auto first = open();
  ASSERT_TRUE(first);
  expect_failure(StorageError::locked, "stop the other process");
  first->reset();
  EXPECT_TRUE(open());
}

TEST_F(RocksDbStoreTest, AMissingParentDirectoryIsAnIoErrorThatNamesThePath) {
  options_.directory = parent_.path() / "missing" / "db";
  expect_failure(StorageError::io_error, "permissions");
}

TEST_F(RocksDbStoreTest, AFileInTheDirectorysPlaceIsAnIoError) {
  std::ofstream(options_.directory) << "not a directory";
  expect_failure(StorageError::io_error, "permissions");
}

TEST_F(RocksDbStoreTest, ADamagedManifestIsCorrupt) {
  create();
  flip_octets(file_like("MANIFEST"), 20, 8);
  expect_failure(StorageError::corrupt, kRestore);
}

TEST_F(RocksDbStoreTest, AMissingManifestIsCorrupt) {
  create();
  fs::remove(file_like("MANIFEST"));
  expect_failure(StorageError::corrupt, kRestore);
}

TEST_F(RocksDbStoreTest, AnEmptyCurrentFileIsCorrupt) {
  create();
  fs::resize_file(options_.directory / "CURRENT", 0);
  expect_failure(StorageError::corrupt, kRestore);
}

TEST_F(RocksDbStoreTest, AMissingCurrentFileIsCorruptAndNoNewDatabaseIsMade) {
  create();
  fs::remove(options_.directory / "CURRENT");
  expect_failure(StorageError::corrupt, kRestore);
  EXPECT_FALSE(fs::exists(options_.directory / "CURRENT"));
}

TEST_F(RocksDbStoreTest, AMissingTableIsCorrupt) {
  create();
  fs::remove(file_like(".sst"));
  expect_failure(StorageError::corrupt, kRestore);
}

TEST_F(RocksDbStoreTest, ADamagedTableIsCorruptWhenItIsReadAndNeverWrongData) {
  create();
  const fs::path table = file_like(".sst");
  flip_octets(table, 15'000, 1000);
  const auto store = open();
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->get(box_, as_bytes("a")).value(), Bytes(10'000, 'v'));
  EXPECT_EQ((*store)->get(box_, as_bytes("k")).error(), StorageError::corrupt);
  EXPECT_EQ((*store)->scan(box_, {}, std::nullopt, {}).error(), StorageError::corrupt);
}

TEST_F(RocksDbStoreTest, AMalformedPartitionStateIsCorruptForReadsAndCommits) {
  create();
  put_raw(encode_state_key(encode_prefix(box_)), as_bytes("short"));
  const auto store = open();
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->version(box_).error(), StorageError::corrupt);
  EXPECT_EQ((*store)->get(box_, as_bytes("k")).error(), StorageError::corrupt);
  EXPECT_EQ((*store)->scan(box_, {}, std::nullopt, {}).error(), StorageError::corrupt);
  ASSERT_TRUE((*store)->commit(Batch(box_), Ticket{1}));
  EXPECT_EQ(collector_.take(1)[0].result.error(), StorageError::corrupt);
  ASSERT_TRUE((*store)->commit(Batch(partition("other")), Ticket{2}));
  EXPECT_TRUE(collector_.take(1)[0].result);
}

TEST_F(RocksDbStoreTest, AnotherFormatVersionIsRefused) {
  create();
  put_raw(encode_format_key(), encode_format(kFormatVersion + 1));
  expect_failure(StorageError::unknown_format, "use the version that wrote it");
}

TEST_F(RocksDbStoreTest, AMalformedFormatRecordIsCorrupt) {
  create();
  put_raw(encode_format_key(), as_bytes("x"));
  expect_failure(StorageError::corrupt, kRestore);
}

TEST_F(RocksDbStoreTest, AForeignRocksDbDatabaseIsRefusedAndLeftAlone) {
  put_raw(as_bytes("someone"), as_bytes("else's"));
  expect_failure(StorageError::unknown_format, "configure another directory");
  expect_failure(StorageError::unknown_format, "configure another directory");
}

TEST_F(RocksDbStoreTest, ADatabaseKilledBeforeItsFormatRecordWasWrittenIsANewOne) {
  fs::create_directory(options_.directory);
  rocksdb::Options raw;
  raw.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(raw, options_.directory.string(), &db).ok());
  delete db;
  EXPECT_TRUE(open());
}

TEST_F(RocksDbStoreTest, ClosingCompletesWhatWasQueuedAndFlushesIt) {
  auto store = open();
  ASSERT_TRUE(store);
  constexpr std::uint64_t kCount = 500;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    ASSERT_TRUE((*store)->commit(Batch(box_).put(as_bytes("k"), Bytes(1000)), Ticket{i}));
  }
  store->reset();
  const auto done = collector_.take(kCount);
  EXPECT_EQ(done.size(), kCount);
  for (const Completion& completion : done) EXPECT_TRUE(completion.result);
  // All of it is in table files: it is still there without the log.
  for (const auto& file : fs::directory_iterator(options_.directory)) {
    if (file.path().extension() == ".log") fs::remove(file.path());
  }
  store = open();
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->version(box_), PartitionVersion{kCount});
}

TEST_F(RocksDbStoreTest, ReadersSeeEachBatchWholeWhileOthersCommitFlushAndTrim) {
  options_.memtable_octets = std::size_t{64} << 10;
  constexpr std::uint64_t kCommits = 1000;
  constexpr std::size_t kWriters = 2;
  // Few in flight, so that there are many groups for a reader to fall between.
  std::counting_semaphore<> room(kWriters);
  auto store = RocksDbStore::open(
      options_,
      [&, collect = collector_.sink()](const std::vector<Completion>& group) {
        collect(group);
        room.release(static_cast<std::ptrdiff_t>(group.size()));
      },
      logger_);
  ASSERT_TRUE(store);
  const auto box_of = [](std::size_t writer) { return partition("box " + std::to_string(writer)); };
  const auto write = [&](std::size_t writer) {
    for (std::uint64_t i = 0; i < kCommits; ++i) {
      const auto key = [](std::uint64_t at) { return "q" + std::to_string(100'000 + at); };
      Batch batch(box_of(writer));
      batch.put(as_bytes(key(i)), Bytes(200)).put(as_bytes("last"), octets(key(i))).expect({i});
      if (i > 0) batch.trim_up_to(as_bytes(key(i - 1)));
      room.acquire();
      EXPECT_TRUE((*store)->commit(std::move(batch), Ticket{i}));
    }
  };
  // One entry in the queue, and the other key names it: no state between two commits shows anything else.
  const auto watch = [&](std::size_t writer) {
    for (std::uint64_t seen = 0; seen < kCommits;) {
      const Page page = (*store)->scan(box_of(writer), {}, std::nullopt, {}).value();
      EXPECT_GE(page.version.value, seen);
      seen = page.version.value;
      if (seen == 0) continue;
      ASSERT_EQ(page.entries.size(), 2U) << "version " << seen;
      EXPECT_EQ(page.entries[0].value, page.entries[1].key);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t writer = 0; writer < kWriters; ++writer) {
      threads.emplace_back(write, writer);
      threads.emplace_back(watch, writer);
    }
  }
  for (const Completion& completion : collector_.take(kWriters * kCommits)) {
    EXPECT_EQ(completion.result, PartitionVersion{completion.ticket.value + 1});
  }
}

TEST_F(RocksDbStoreTest, TheSpaceOfTrimmedEntriesComesBackWithoutBeingAskedFor) {
  options_.memtable_octets = std::size_t{256} << 10;
  auto store = open();
  ASSERT_TRUE(store);
  // 32 MB pass through a queue that never holds more than 64 KB.
  constexpr std::uint64_t kCount = 32'000;
  constexpr std::uint64_t kWindow = 64;
  const auto key = [](std::uint64_t i) {
    return Bytes{'q', static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 8),
                 static_cast<std::uint8_t>(i)};
  };
  for (std::uint64_t i = 0; i < kCount; ++i) {
    Batch batch(box_);
    batch.put(key(i), Bytes(1000, static_cast<std::uint8_t>(i * 7)));
    if (i >= kWindow && i % kWindow == 0) batch.trim_up_to(key(i - kWindow));
    ASSERT_TRUE((*store)->commit(std::move(batch), Ticket{i}));
    if (i % kWindow == 0) collector_.take(i == 0 ? 1 : kWindow);
  }
  store->reset();
  std::uintmax_t octets = 0;
  for (const auto& file : fs::directory_iterator(options_.directory)) octets += file.file_size();
  EXPECT_LT(octets, std::uintmax_t{2} << 20);
  store = open();
  ASSERT_TRUE(store);
  const Page page = (*store)->scan(box_, {}, std::nullopt, {}).value();
  EXPECT_EQ(page.entries.front().key, key(kCount - 2 * kWindow + 1));
  EXPECT_EQ(page.entries.back().key, key(kCount - 1));
}

}  // namespace
}  // namespace sotto::storage

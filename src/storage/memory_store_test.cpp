#include "storage/memory_store.h"

#include <gtest/gtest.h>

#include "storage/test_backend.h"

namespace sotto::storage {
namespace {

class MemoryStoreTest : public testing::Test {
 protected:
  void put(std::string_view key) {
    ASSERT_TRUE(store_.commit(Batch(box_).put(as_bytes(key), octets(".")), Ticket{++last_ticket_}));
  }
  std::string all() { return text(store_.scan(box_, {}, std::nullopt, {}).value()); }

  const Partition box_ = partition("box");
  std::vector<Completion> done_;
  std::uint64_t last_ticket_ = 0;
  MemoryStore store_{[this](std::vector<Completion> group) { done_ = std::move(group); }};
};

TEST_F(MemoryStoreTest, NothingIsVisibleBeforeSyncAndOneSyncCompletesAll) {
  put("a");
  put("b");
  EXPECT_EQ(all(), "");
  EXPECT_EQ(store_.queued(), 2U);
  EXPECT_EQ(store_.sync(), 2U);
  EXPECT_EQ(done_.size(), 2U);
  EXPECT_EQ(all(), "a=. b=. ");
  EXPECT_EQ(store_.sync(), 0U);
}

TEST_F(MemoryStoreTest, WhatTheSinkCommitsWaitsForTheNextSync) {
  MemoryStore* inner = nullptr;
  MemoryStore store([&](std::vector<Completion> group) {
    if (group[0].ticket == Ticket{1})
      EXPECT_TRUE(inner->commit(Batch(box_).put(as_bytes("b"), {}), Ticket{2}));
  });
  inner = &store;
  ASSERT_TRUE(store.commit(Batch(box_).put(as_bytes("a"), {}), Ticket{1}));
  EXPECT_EQ(store.sync(), 1U);
  EXPECT_EQ(text(store.scan(box_, {}, std::nullopt, {}).value()), "a= ");
  EXPECT_EQ(store.sync(), 1U);
  EXPECT_EQ(text(store.scan(box_, {}, std::nullopt, {}).value()), "a= b= ");
}

TEST_F(MemoryStoreTest, ACrashDropsExactlyWhatWasNotSynced) {
  put("a");
  store_.sync();
  put("b");
  store_.crash();
  EXPECT_EQ(store_.sync(), 0U);
  EXPECT_EQ(all(), "a=. ");
}

TEST_F(MemoryStoreTest, ACrashMayLeaveTheFirstOfWhatNobodyWasToldAbout) {
  put("a");
  put("b");
  put("c");
  store_.crash(2);
  EXPECT_TRUE(done_.empty());
  EXPECT_EQ(store_.sync(), 0U);
  EXPECT_EQ(all(), "a=. b=. ");
}

TEST_F(MemoryStoreTest, InjectedCommitFaultsHitThatManyBatchesAndApplyNothingOfThem) {
  for (const StorageError error : {StorageError::no_space, StorageError::io_error}) {
    const std::string before = all();
    store_.fail_next_commits(2, error);
    put("x");
    put("y");
    put("z" + std::to_string(last_ticket_));
    store_.sync();
    ASSERT_EQ(done_.size(), 3U);
    EXPECT_EQ(done_[0].result.error(), error);
    EXPECT_EQ(done_[1].result.error(), error);
    EXPECT_TRUE(done_[2].result);
    EXPECT_EQ(all().size(), before.size() + std::string("z0=. ").size());
    EXPECT_EQ(get_text(store_, box_, "x"), "(none)");
  }
}

TEST_F(MemoryStoreTest, InjectedReadFaultsHitEveryKindOfRead) {
  store_.fail_next_reads(3, StorageError::corrupt);
  EXPECT_EQ(store_.get(box_, as_bytes("a")).error(), StorageError::corrupt);
  EXPECT_EQ(store_.scan(box_, {}, std::nullopt, {}).error(), StorageError::corrupt);
  EXPECT_EQ(store_.version(box_).error(), StorageError::corrupt);
  EXPECT_TRUE(store_.version(box_));
}

TEST_F(MemoryStoreTest, ADiskThatLiesLosesTheLastCompletedGroupAtACrash) {
  store_.set_disk_lies(true);
  put("a");
  store_.sync();
  put("b");
  put("c");
  store_.sync();
  EXPECT_EQ(all(), "a=. b=. c=. ");
  store_.crash();
  EXPECT_EQ(all(), "a=. ");
  EXPECT_EQ(store_.version(box_), PartitionVersion{1});
  store_.crash();
  EXPECT_EQ(all(), "a=. ");

  store_.set_disk_lies(false);
  put("d");
  store_.sync();
  store_.crash();
  EXPECT_EQ(all(), "a=. d=. ");
}

}  // namespace
}  // namespace sotto::storage

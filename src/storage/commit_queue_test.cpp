#include "storage/commit_queue.h"

#include <gtest/gtest.h>

namespace sotto::storage {
namespace {

QueuedBatch queued(std::uint64_t ticket, std::size_t octets) {
  return {Batch(Partition::create(as_bytes("p")).value()), Ticket{ticket}, octets};
}

TEST(CommitQueue, CountsWhatIsBeingWrittenUntilItIsReleased) {
  CommitQueue queue({.batches = 2, .octets = 100});
  EXPECT_TRUE(queue.push(queued(1, 50)));
  EXPECT_FALSE(queue.push(queued(2, 51)));
  EXPECT_TRUE(queue.push(queued(3, 50)));
  EXPECT_FALSE(queue.push(queued(4, 0)));
  EXPECT_EQ(queue.take_group().size(), 2U);
  EXPECT_EQ(queue.push(queued(5, 1)).error(), StorageError::overloaded);
  queue.release(2, 100);
  EXPECT_TRUE(queue.push(queued(6, 100)));
}

TEST(CommitQueue, SplitsAGreatBacklogIntoGroupsInOrder) {
  CommitQueue queue({.batches = 100, .octets = std::size_t{100} << 20});
  for (std::uint64_t i = 0; i < 20; ++i) ASSERT_TRUE(queue.push(queued(i, std::size_t{1} << 20)));
  queue.close();
  std::uint64_t next = 0;
  std::size_t groups = 0;
  for (auto group = queue.take_group(); !group.empty(); group = queue.take_group()) {
    for (const QueuedBatch& batch : group) EXPECT_EQ(batch.ticket, Ticket{next++});
    ++groups;
  }
  EXPECT_EQ(next, 20U);
  EXPECT_EQ(groups, 3U);
}

TEST(CommitQueue, IsEmptyForeverOnceClosedAndDrained) {
  CommitQueue queue({});
  queue.close();
  EXPECT_TRUE(queue.take_group().empty());
  EXPECT_TRUE(queue.take_group().empty());
}

}  // namespace
}  // namespace sotto::storage

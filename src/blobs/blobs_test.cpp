#include "blobs/blobs.h"

#include <gtest/gtest.h>

#include "blobs/test_world.h"

namespace sotto::blobs {
namespace {

using storage::StorageError;
using testing::BlobsTest;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

TEST_F(BlobsTest, WhatWasWrittenIsReadByWhoKnowsTheCapability) {
  const Bytes octets = some_octets(kMaxWriteOctets + kPieceOctets + 77);
  const Created blob = create(alice, octets.size()).value();
  EXPECT_EQ(blob.expires, now + limits.ttl);
  EXPECT_EQ(upload(blob, octets).value().received, octets.size());
  EXPECT_EQ(blobs->size(blob.capability, now), octets.size());
  EXPECT_EQ(download(blob.capability), octets);
  EXPECT_EQ(blobs->counts().completed, 1u);
  EXPECT_EQ(blobs->counts().octets_written, octets.size());
}

TEST_F(BlobsTest, ReadsBeginAnywhereAndEndAtAPieceOrWhereAsked) {
  const Bytes octets = some_octets(2 * kPieceOctets + 10);
  const Created blob = create_complete(alice, octets);
  const auto read = [&](std::uint64_t offset, std::uint64_t length) {
    return blobs->read(blob.capability, offset, length, now);
  };
  EXPECT_EQ(read(5, 3), Bytes(octets.begin() + 5, octets.begin() + 8));
  EXPECT_EQ(read(kPieceOctets - 1, 100)->size(), 1u);
  EXPECT_EQ(read(2 * kPieceOctets + 9, 100)->size(), 1u);
  EXPECT_EQ(read(octets.size(), 1).error(), BlobError::past_end);
  EXPECT_EQ(read(~std::uint64_t{0}, ~std::uint64_t{0}).error(), BlobError::past_end);
  EXPECT_EQ(read(0, 0).error(), BlobError::past_end);
}

TEST_F(BlobsTest, AnUploadGoesOnWhereTheLastDurableWriteEnded) {
  const Bytes octets = some_octets(3 * kPieceOctets);
  const Created blob = create(alice, octets.size()).value();
  ASSERT_TRUE(write(blob, 0, ByteView(octets).first(kPieceOctets)));
  blobs->write(blob.capability, blob.token, kPieceOctets, ByteView(octets).subspan(kPieceOctets), now,
               [](const auto&) { ADD_FAILURE() << "answered though it was lost"; });
  crash_and_restart();
  const Progress progress = blobs->progress(blob.capability, blob.token, now).value();
  EXPECT_EQ(progress.received, kPieceOctets);
  EXPECT_EQ(progress.size, octets.size());
  ASSERT_TRUE(write(blob, kPieceOctets, ByteView(octets).subspan(kPieceOctets)));
  EXPECT_EQ(download(blob.capability), octets);
}

TEST_F(BlobsTest, AWriteThatDidNotComeToAnAnswerMayBeThereAfterACrash) {
  const Bytes octets = some_octets(3 * kPieceOctets);
  const Created blob = create(alice, octets.size()).value();
  blobs->write(blob.capability, blob.token, 0, ByteView(octets).first(kPieceOctets), now, [](const auto&) {});
  blobs.reset();
  store.crash(1);
  start();
  EXPECT_EQ(blobs->progress(blob.capability, blob.token, now)->received, kPieceOctets);
  EXPECT_EQ(write(blob, 0, ByteView(octets).first(kPieceOctets)).error(), BlobError::wrong_offset);
}

TEST_F(BlobsTest, WritesComeInOrderAndInWholePieces) {
  const Bytes octets = some_octets(2 * kPieceOctets + 5);
  const Created blob = create(alice, octets.size()).value();
  const ByteView all = octets;
  EXPECT_EQ(write(blob, kPieceOctets, all.first(kPieceOctets)).error(), BlobError::wrong_offset);
  EXPECT_EQ(write(blob, 0, all.first(1)).error(), BlobError::not_whole_pieces);
  EXPECT_EQ(write(blob, 0, {}).error(), BlobError::empty);
  EXPECT_EQ(write(blob, 0, some_octets(kMaxWriteOctets + 1)).error(), BlobError::too_large);
  EXPECT_EQ(write(blob, 0, some_octets(3 * kPieceOctets)).error(), BlobError::past_end);
  ASSERT_TRUE(write(blob, 0, all));
  EXPECT_EQ(write(blob, 0, all).error(), BlobError::wrong_offset);
  EXPECT_EQ(write(blob, octets.size(), all.first(1)).error(), BlobError::past_end);
  EXPECT_EQ(download(blob.capability), octets);
}

TEST_F(BlobsTest, OneWriteOfABlobAtATime) {
  const Bytes octets = some_octets(2 * kPieceOctets);
  const Created blob = create(alice, octets.size()).value();
  bool first = false;
  blobs->write(blob.capability, blob.token, 0, octets, now,
               [&](const auto& done) { first = done.has_value(); });
  BlobError second{};
  blobs->write(blob.capability, blob.token, 0, octets, now, [&](const auto& done) { second = done.error(); });
  EXPECT_EQ(second, BlobError::busy);
  EXPECT_EQ(release(alice, blob.capability).error(), BlobError::busy);
  settle();
  EXPECT_TRUE(first);
}

TEST_F(BlobsTest, WhatIsNotCompleteIsNotRead) {
  const Bytes octets = some_octets(2 * kPieceOctets);
  const Created blob = create(alice, octets.size()).value();
  ASSERT_TRUE(write(blob, 0, ByteView(octets).first(kPieceOctets)));
  EXPECT_EQ(blobs->size(blob.capability, now).error(), BlobError::no_such_blob);
  EXPECT_EQ(blobs->read(blob.capability, 0, 1, now).error(), BlobError::no_such_blob);
  EXPECT_EQ(keep(bob, blob.capability).error(), BlobError::no_such_blob);
}

TEST_F(BlobsTest, SizesHaveBounds) {
  limits.blob_octets = kMiB;
  start();
  EXPECT_EQ(create(alice, 0).error(), BlobError::empty);
  EXPECT_EQ(create(alice, kMiB + 1).error(), BlobError::too_large);
  EXPECT_TRUE(create(alice, kMiB));
  limits.blob_octets = 0;
  start();
  EXPECT_EQ(create(alice, 1).error(), BlobError::too_large);
}

TEST_F(BlobsTest, AnAccountKeepsNoMoreThanItMay) {
  limits.account_octets = 3 * kMiB;
  start();
  const Created first = create(alice, 2 * kMiB).value();
  EXPECT_EQ(create(alice, 2 * kMiB).error(), BlobError::over_quota);
  EXPECT_TRUE(create(bob, 2 * kMiB));
  ASSERT_TRUE(release(alice, first.capability));
  EXPECT_EQ(sum(alice).octets, 0u);
  EXPECT_TRUE(create(alice, 3 * kMiB));
  crash_and_restart();
  EXPECT_EQ(create(alice, 1).error(), BlobError::over_quota) << "counted again from the store";
  EXPECT_EQ(sum(alice).octets, 3 * kMiB);
  EXPECT_EQ(blobs->counts().refused_quota, 1u);
}

TEST_F(BlobsTest, AnAccountKeepsNoMoreBlobsThanItMay) {
  for (std::size_t i = 0; i < kMaxBlobsPerAccount; ++i) ASSERT_TRUE(create(alice, 1)) << i;
  EXPECT_EQ(create(alice, 1).error(), BlobError::over_quota);
  start();
  EXPECT_EQ(create(alice, 1).error(), BlobError::over_quota);
}

TEST_F(BlobsTest, RoomThatWasNotUsedIsGivenBack) {
  limits.account_octets = kMiB;
  start();
  for (std::size_t failing = 1; failing <= 2; ++failing) {
    if (failing == 2) store.fail_next_commits(0, StorageError::no_space);
    store.fail_next_commits(1, StorageError::no_space);
    EXPECT_EQ(create(alice, kMiB).error(), BlobError::no_space);
  }
  EXPECT_TRUE(create(alice, kMiB));
}

TEST_F(BlobsTest, ForwardingKeepsABlobWhoseOwnerGaveItUp) {
  const Bytes octets = some_octets(1000);
  const Created blob = create_complete(alice, octets);
  now = now + days(20);
  EXPECT_EQ(keep(bob, blob.capability), now + limits.ttl);
  ASSERT_TRUE(release(alice, blob.capability));
  EXPECT_EQ(sum(alice).blobs, 0u);
  EXPECT_EQ(sum(bob).octets, octets.size());
  EXPECT_EQ(download(blob.capability), octets);
  ASSERT_TRUE(release(bob, blob.capability));
  EXPECT_EQ(blobs->size(blob.capability, now).error(), BlobError::no_such_blob);
  EXPECT_EQ(blobs->counts().erased, 1u);
}

TEST_F(BlobsTest, KeepingAgainKeepsLongerAndCountsOnce) {
  const Created blob = create_complete(alice, some_octets(1000), days(2));
  EXPECT_EQ(blob.expires, now + days(2));
  EXPECT_EQ(keep(alice, blob.capability, days(1)), now + days(2)) << "never shorter";
  EXPECT_EQ(keep(alice, blob.capability, days(900)), now + limits.ttl) << "never longer than anybody may";
  EXPECT_EQ(sum(alice).blobs, 1u);
}

TEST_F(BlobsTest, KeepingCountsAgainstWhoKeeps) {
  limits.account_octets = 1500;
  start();
  const Created one = create_complete(alice, some_octets(1000));
  const Created two = create_complete(carol, some_octets(1000));
  ASSERT_TRUE(keep(bob, one.capability));
  EXPECT_EQ(keep(bob, two.capability).error(), BlobError::over_quota);
}

TEST_F(BlobsTest, AFailureBetweenRecordAndListIsMadeGoodByTheNextTry) {
  const Created blob = create_complete(alice, some_octets(1000));
  BlobResult<UnixMs> kept = err(BlobError::corrupt);
  blobs->keep(bob, blob.capability, {}, now, [&](auto result) { kept = result; });
  store.sync();
  store.fail_next_commits(1, StorageError::io_error);
  settle();
  EXPECT_EQ(kept.error(), BlobError::storage_unavailable);
  EXPECT_EQ(sum(bob).blobs, 0u);
  ASSERT_TRUE(keep(bob, blob.capability));
  EXPECT_EQ(sum(bob).blobs, 1u);
}

TEST_F(BlobsTest, ThereAreAsManyKeepersAsMayBe) {
  const Created blob = create_complete(alice, some_octets(10));
  for (std::size_t i = 1; i < kMaxKeepers; ++i) ASSERT_TRUE(keep(somebody(), blob.capability)) << i;
  EXPECT_EQ(keep(somebody(), blob.capability).error(), BlobError::too_many_keepers);
  EXPECT_TRUE(keep(alice, blob.capability)) << "who keeps it already may keep it longer";
}

TEST_F(BlobsTest, NobodyFindsABlobAfterItsTime) {
  const Created blob = create_complete(alice, some_octets(10), days(2));
  now = now + days(2);
  EXPECT_EQ(blobs->size(blob.capability, now).error(), BlobError::no_such_blob);
  EXPECT_EQ(keep(bob, blob.capability).error(), BlobError::no_such_blob);
  EXPECT_EQ(blobs->progress(blob.capability, blob.token, now).error(), BlobError::no_such_blob);
  EXPECT_EQ(blobs->counts().not_found, 3u);
}

TEST_F(BlobsTest, FailuresOfTheStoreAreSaid) {
  const Bytes octets = some_octets(100);
  const Created blob = create(alice, octets.size()).value();
  store.fail_next_commits(1, StorageError::no_space);
  EXPECT_EQ(write(blob, 0, octets).error(), BlobError::no_space);
  EXPECT_EQ(blobs->counts().refused_space, 1u);
  EXPECT_EQ(blobs->progress(blob.capability, blob.token, now)->received, 0u);
  store.fail_next_commits(1, StorageError::io_error);
  EXPECT_EQ(write(blob, 0, octets).error(), BlobError::storage_unavailable);
  store.fail_next_commits(1, StorageError::overloaded);
  EXPECT_EQ(write(blob, 0, octets).error(), BlobError::overloaded);
  store.fail_next_reads(1, StorageError::corrupt);
  EXPECT_EQ(write(blob, 0, octets).error(), BlobError::corrupt);
  ASSERT_TRUE(write(blob, 0, octets));
}

TEST_F(BlobsTest, TheDatabaseHasNeitherCapabilityNorToken) {
  const Created blob = create_complete(alice, some_octets(10));
  const BlobName name = crypto::sha256(blob.capability);
  const auto page = store.scan(blob_partition(name), {}, std::nullopt, {}).value();
  for (const auto& entry : page.entries) {
    for (const Bytes& part : {entry.key, entry.value}) {
      EXPECT_EQ(as_chars(part).find(as_chars(blob.capability)), std::string_view::npos);
      EXPECT_EQ(as_chars(part).find(as_chars(blob.token)), std::string_view::npos);
    }
  }
}

}  // namespace
}  // namespace sotto::blobs

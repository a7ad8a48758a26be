#include <gtest/gtest.h>

#include "blobs/test_world.h"

namespace sotto::blobs {
namespace {

using storage::StorageError;

class SweepTest : public testing::BlobsTest {
 protected:
  /// A whole round of the walk that never ends, one step a second.
  void a_round() {
    for (unsigned i = 0; i < 2 * kShards; ++i) {
      blobs->tick(now);
      settle();
    }
  }
};

TEST_F(SweepTest, WhatNobodyKeepsGoesAndTheRestStays) {
  const Bytes octets = some_octets(kPieceOctets + 9);
  create_complete(alice, octets, days(2));
  const Created longer = create_complete(alice, octets, days(9));
  const Created kept = create_complete(alice, octets, days(2));
  ASSERT_TRUE(keep(bob, kept.capability, days(9)));
  now = now + days(2);
  const SweepReport dry = sweep(true).value();
  EXPECT_EQ(dry.blobs, 3u);
  EXPECT_EQ(dry.expired, 1u);
  EXPECT_EQ(dry.expired_octets, octets.size());
  EXPECT_EQ(sum(alice).blobs, 3u) << "a dry run changes nothing";

  EXPECT_EQ(sweep(false)->expired, 1u);
  settle();
  EXPECT_EQ(sum(alice).blobs, 1u);
  EXPECT_EQ(sum(bob).blobs, 1u);
  EXPECT_EQ(download(longer.capability), octets);
  EXPECT_EQ(download(kept.capability), octets);
  EXPECT_EQ(entries(), 6u);
  EXPECT_EQ(blobs->counts().erased, 1u);
  now = now + days(9);
  a_round();
  EXPECT_EQ(entries(), 0u);
  EXPECT_EQ(sum(alice).blobs + sum(bob).blobs, 0u);
}

TEST_F(SweepTest, AnUploadThatStoppedIsGivenUp) {
  const Created blob = create(alice, 3 * kPieceOctets).value();
  ASSERT_TRUE(write(blob, 0, some_octets(kPieceOctets)));
  now = now + days(2);
  ASSERT_TRUE(write(blob, kPieceOctets, some_octets(kPieceOctets)));
  now = now + days(2);
  a_round();
  EXPECT_TRUE(blobs->progress(blob.capability, blob.token, now)) << "it moved two days ago";
  now = now + days(1);
  a_round();
  EXPECT_EQ(blobs->progress(blob.capability, blob.token, now).error(), BlobError::no_such_blob);
  EXPECT_EQ(entries(), 0u);
  EXPECT_EQ(sum(alice).blobs, 0u);
}

TEST_F(SweepTest, ErasingGoesOnAfterACrashAtAnyPlace) {
  const Bytes octets = some_octets(3 * kPieceOctets);
  for (std::size_t steps = 0; steps < 8; ++steps) {
    const Created blob = create_complete(alice, octets);
    ASSERT_TRUE(keep(bob, blob.capability));
    ASSERT_TRUE(release(bob, blob.capability));
    bool answered = false;
    blobs->release(alice, blob.capability, now, [&](const auto& done) { answered = done.has_value(); });
    for (std::size_t i = 0; i < steps; ++i) store.sync();
    crash_and_restart();
    if (!answered) {
      (void)release(alice, blob.capability);
      a_round();
    }
    EXPECT_EQ(entries(), 0u) << steps;
    EXPECT_EQ(sum(alice).blobs, 0u) << steps;
  }
}

TEST_F(SweepTest, ACrashWhileABlobIsOpenedChargesNobodyForEver) {
  for (std::size_t written = 0; written <= 1; ++written) {
    blobs->create(alice, 1000, {}, now, [](const auto&) {});
    blobs.reset();
    store.crash(written);
    start();
    EXPECT_EQ(sum(alice).blobs, 0u);
  }
  now = now + kUploadPatience;
  a_round();
  EXPECT_EQ(entries(), 0u);
}

TEST_F(SweepTest, LargeBlobsGoInSeveralBatches) {
  limits.blob_octets = (kMaxErasedPieces + 3) * kPieceOctets;
  start();
  const Created blob = create(alice, limits.blob_octets).value();
  const Bytes part = some_octets(kMaxWriteOctets);
  for (std::uint64_t at = 0; at < limits.blob_octets; at += part.size()) {
    ASSERT_TRUE(
        write(blob, at, ByteView(part).first(std::min<std::uint64_t>(part.size(), limits.blob_octets - at))));
  }
  ASSERT_TRUE(release(alice, blob.capability));
  EXPECT_EQ(entries(), 0u);
}

TEST_F(SweepTest, AnAccountThatIsTurnedOffLeavesNothingThatOthersDoNotKeep) {
  const Bytes octets = some_octets(10);
  const Created mine = create_complete(alice, octets);
  const Created shared = create_complete(alice, octets);
  ASSERT_TRUE(keep(bob, shared.capability));
  blobs->forget(alice);
  a_round();
  EXPECT_EQ(blobs->size(mine.capability, now).error(), BlobError::no_such_blob);
  EXPECT_EQ(download(shared.capability), octets);
  EXPECT_EQ(entries(), 2u);
  EXPECT_EQ(sum(alice).blobs, 0u);
}

TEST_F(SweepTest, ADiskThatFailsIsTriedAgain) {
  const Created blob = create_complete(alice, some_octets(10), days(1));
  now = now + days(1);
  store.fail_next_commits(1, StorageError::no_space);
  a_round();
  store.fail_next_reads(1, StorageError::io_error);
  EXPECT_EQ(sweep(false).error(), BlobError::storage_unavailable);
  a_round();
  EXPECT_EQ(entries(), 0u);
  EXPECT_EQ(blobs->size(blob.capability, now).error(), BlobError::no_such_blob);
}

TEST_F(SweepTest, OneIsAskedForAtATime) {
  blobs->sweep(true, [](const auto&) {});
  BlobError second{};
  blobs->sweep(true, [&](const auto& done) { second = done.error(); });
  EXPECT_EQ(second, BlobError::busy);
  settle();
  EXPECT_TRUE(sweep(true));
}

TEST_F(SweepTest, DamagedRecordsAreCountedAndLeftAlone) {
  storage::Batch batch(shard_partition(3));
  BlobName name = random.array<32>();
  name[0] = 3;
  batch.put(record_key(name), Bytes{9, 9});
  ASSERT_TRUE(store.commit(std::move(batch), {std::uint64_t{1} << 40}));
  settle();
  EXPECT_EQ(sweep(false)->damaged, 1u);
  EXPECT_EQ(entries(), 1u);
}

}  // namespace
}  // namespace sotto::blobs

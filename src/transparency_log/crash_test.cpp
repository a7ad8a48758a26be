// Power loss between any two writes leaves the old epoch or the new one, and a directory that agrees with it.
#include <gtest/gtest.h>

#include "transparency_log/test_world.h"

namespace sotto::transparency_log {
namespace {

using testing::World;

constexpr std::uint32_t kOld = 70;
constexpr std::uint32_t kNew = 70;

/// A log with an epoch of accounts [0, kOld); then one that changes some of them and adds so many that
/// pages split. The crash comes when `steps` batches of the second epoch are durable. False: there were
/// fewer.
bool crash_after(std::size_t steps, std::uint32_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed) + ", crash after " + std::to_string(steps) + " batches");
  World world(seed);
  world.settle();
  for (std::uint32_t i = 0; i < kOld; ++i) world.submit(i, 1);
  world.close();
  world.expect_says(0, 1);
  for (std::uint32_t i = 0; i < kOld; i += 7) world.submit(i, 2);
  for (std::uint32_t i = kOld; i < kOld + kNew; ++i) world.submit(i, 1);
  world.replies.clear();
  world.now = world.now + seconds(2);
  world.log->tick(world.now);
  bool enough = true;
  for (std::size_t i = 0; i < steps && enough; ++i) enough = world.step();
  const bool told = !world.replies.empty();

  EXPECT_TRUE(world.start());
  world.settle();
  EXPECT_TRUE(world.log->ready());
  const bool is_new = world.log->size() == 3;
  EXPECT_TRUE(is_new || !told) << "an epoch was reported and is lost";
  for (std::uint32_t i = 0; i < kOld + kNew; i += 3) {
    const bool changed = i % 7 == 0 && i < kOld;
    const std::uint8_t version = i >= kOld ? (is_new ? 1 : 0) : (is_new && changed ? 2 : 1);
    world.expect_says(i, version);
    EXPECT_EQ(world.effect_of(i).value_or(0), version) << i;
  }
  world.audit();
  // And it goes on from there.
  world.submit(1000, 1);
  world.close();
  world.expect_says(1000, 1);
  world.audit();
  return enough;
}

TEST(Crash, BetweenAnyTwoWritesLeavesTheOldEpochOrTheNew) {
  std::size_t steps = 0;
  while (crash_after(steps, 11 + static_cast<std::uint32_t>(steps)) && !::testing::Test::HasFailure()) {
    // Every write around the commit point, then a sample of the many that follow it.
    steps += steps < 8 ? 1 : 17;
  }
  EXPECT_GT(steps, 100U);
}

TEST(Crash, DuringRecoveryIsRecoveredFrom) {
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    World world(seed);
    world.settle();
    for (std::uint32_t i = 0; i < 100; ++i) world.submit(i, 1);
    world.now = world.now + seconds(2);
    world.log->tick(world.now);
    for (int i = 0; i < 10; ++i) world.step();
    for (int crashes = 0; crashes < 5; ++crashes) {
      ASSERT_TRUE(world.start());
      EXPECT_FALSE(world.log->ready());
      world.expect_says(static_cast<std::uint32_t>(crashes), 1);
      for (int i = 0; i < 10 * crashes; ++i) world.step();
    }
    world.settle();
    EXPECT_TRUE(world.log->ready());
    for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(world.effect_of(i), 1);
    world.audit();
  }
}

// Unlike a crash, a failed write leaves the process alive: whatever fails, nothing is lost or doubled.
TEST(Crash, RandomFailuresNeverBreakTheLog) {
  for (std::uint32_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    std::mt19937 random(seed);
    world.settle();
    std::map<std::uint32_t, std::uint8_t> versions;
    for (int round = 0; round < 25; ++round) {
      const std::uint32_t number = random() % 40;
      world.replies.clear();
      world.submit(number, static_cast<std::uint8_t>(versions[number] + 1));
      if (random() % 2 == 0)
        world.store.memory().fail_next_commits(1 + random() % 3, storage::StorageError::io_error);
      for (int i = 0; i < 20 && world.replies.empty(); ++i) world.close();
      ASSERT_EQ(world.replies.size(), 1U);
      if (world.replies[0]) ++versions[number];
      world.store.memory().fail_next_commits(0, storage::StorageError::io_error);
      if (random() % 4 == 0) {
        ASSERT_TRUE(world.start());
        world.settle();
      }
      world.expect_says(number, versions[number]);
      EXPECT_EQ(world.effect_of(number).value_or(0), versions[number]);
    }
    world.audit();
  }
}

}  // namespace
}  // namespace sotto::transparency_log

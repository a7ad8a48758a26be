#include "transport/deadlines.h"

#include <gtest/gtest.h>

namespace sotto::transport {
namespace {

using std::chrono::milliseconds;

class DeadlinesTest : public ::testing::Test {
 protected:
  DeadlinesTest() {
    deadlines_.set_length(DeadlineKind::request, {100});
    deadlines_.set_length(DeadlineKind::idle, {1000});
  }
  MonotonicTime start_{milliseconds(5'000'000)};
  Deadlines deadlines_;
};

TEST_F(DeadlinesTest, FireInOrderOfExpiryWithinAKind) {
  DeadlineHook first;
  DeadlineHook second;
  deadlines_.arm(first, DeadlineKind::request, start_);
  deadlines_.arm(second, DeadlineKind::request, start_ + milliseconds(1));
  EXPECT_EQ(deadlines_.next(), start_ + milliseconds(100));
  EXPECT_FALSE(deadlines_.take_due(start_ + milliseconds(99)));
  EXPECT_EQ(deadlines_.take_due(start_ + milliseconds(100))->first, &first);
  EXPECT_FALSE(deadlines_.take_due(start_ + milliseconds(100)));
  EXPECT_EQ(deadlines_.next(), start_ + milliseconds(101));
  EXPECT_EQ(deadlines_.take_due(start_ + milliseconds(500)), (std::pair{&second, DeadlineKind::request}));
  EXPECT_EQ(deadlines_.next(), std::nullopt);
}

TEST_F(DeadlinesTest, ArmingAgainReplacesTheDeadlineAndItsKind) {
  DeadlineHook hook;
  deadlines_.arm(hook, DeadlineKind::request, start_);
  deadlines_.arm(hook, DeadlineKind::idle, start_);
  EXPECT_EQ(hook.kind(), DeadlineKind::idle);
  EXPECT_FALSE(deadlines_.take_due(start_ + milliseconds(999)));
  EXPECT_EQ(deadlines_.take_due(start_ + milliseconds(1000))->second, DeadlineKind::idle);
  EXPECT_EQ(hook.kind(), DeadlineKind::none);
}

TEST_F(DeadlinesTest, DisarmingLeavesTheNeighboursInPlace) {
  DeadlineHook hooks[3];
  for (DeadlineHook& hook : hooks) deadlines_.arm(hook, DeadlineKind::request, start_);
  deadlines_.disarm(hooks[1]);
  deadlines_.disarm(hooks[1]);
  EXPECT_EQ(deadlines_.take_due(start_ + milliseconds(100))->first, &hooks[0]);
  EXPECT_EQ(deadlines_.take_due(start_ + milliseconds(100))->first, &hooks[2]);
  EXPECT_FALSE(deadlines_.take_due(start_ + milliseconds(100)));
}

TEST_F(DeadlinesTest, NextIsTheEarliestOfAllKinds) {
  DeadlineHook idle;
  DeadlineHook request;
  deadlines_.arm(idle, DeadlineKind::idle, start_);
  EXPECT_EQ(deadlines_.next(), start_ + milliseconds(1000));
  deadlines_.arm(request, DeadlineKind::request, start_ + milliseconds(10));
  EXPECT_EQ(deadlines_.next(), start_ + milliseconds(110));
}

}  // namespace
}  // namespace sotto::transport

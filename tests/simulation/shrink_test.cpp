#include "shrink.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sotto::simulation {
namespace {

constexpr std::size_t kPlenty = 10'000;

Steps steps(std::uint64_t count) {
  Steps all;
  for (std::uint64_t i = 0; i < count; ++i) all.insert(i);
  return all;
}

bool has_all(const Steps& of, const Steps& wanted) { return std::ranges::includes(of, wanted); }

TEST(Shrink, FindsExactlyTheStepsThatAFailureNeeds) {
  for (const Steps& needed : {Steps{}, Steps{0}, Steps{99}, Steps{3, 4}, Steps{0, 50, 99}, steps(7)}) {
    const auto found = shrink(steps(100), [&](const Steps& each) { return has_all(each, needed); }, kPlenty);
    EXPECT_EQ(found.steps, needed);
    EXPECT_LT(found.trials, 250U);
  }
}

TEST(Shrink, LeavesNoStepThatCouldBeLeftOutWhateverTheFailureDependsOn) {
  const auto fails = [](const Steps& each) { return each.size() >= 5 && each.contains(17); };
  const auto found = shrink(steps(60), fails, kPlenty).steps;
  EXPECT_TRUE(fails(found));
  EXPECT_EQ(found.size(), 5U);
}

TEST(Shrink, LeavesOutTwoThatOnlyTogetherCanBeLeftOut) {
  // As many steps that undo something as steps that do it, and one that fails.
  const auto fails = [](const Steps& each) {
    return each.contains(20) && each.contains(3) == each.contains(31) &&
           each.contains(4) == each.contains(12);
  };
  EXPECT_EQ(shrink(steps(40), fails, kPlenty).steps, Steps{20});
}

TEST(Shrink, StopsAfterTheTrialsItIsGivenWithSomethingThatFails) {
  const Steps needed{10, 20, 30, 40, 50};
  const auto fails = [&](const Steps& each) { return has_all(each, needed); };
  const auto found = shrink(steps(100), fails, 8);
  EXPECT_EQ(found.trials, 8U);
  EXPECT_TRUE(fails(found.steps));
}

}  // namespace
}  // namespace sotto::simulation

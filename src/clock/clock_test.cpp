#include "clock/clock.h"

#include <gtest/gtest.h>

namespace sotto {
namespace {

TEST(Clock, TakesAnInstantThatIsStillToComeForPassed) {
  const UnixMs start{1'000'000};
  EXPECT_FALSE(has_passed(seconds(10), start, start));
  EXPECT_FALSE(has_passed(seconds(10), start, start + DurationMs{9'999}));
  EXPECT_TRUE(has_passed(seconds(10), start, start + seconds(10)));
  EXPECT_TRUE(has_passed(seconds(10), start + days(365), start));
}

TEST(Clock, CountsNoTimeWhenItWentBack) {
  EXPECT_EQ(elapsed({1'000}, {400}), DurationMs{0});
  EXPECT_EQ(elapsed({400}, {1'000}), DurationMs{600});
}

}  // namespace
}  // namespace sotto

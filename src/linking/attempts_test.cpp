#include "linking/attempts.h"

#include <gtest/gtest.h>

#include "linking/limits.h"

namespace sotto::linking {
namespace {

constexpr UnixMs kStart{1'800'000'000'000};

LinkAttempts after_runs(std::initializer_list<UnixMs> times) {
  LinkAttempts attempts;
  for (const UnixMs time : times) attempts = attempts.with_run(time).value();
  return attempts;
}

TEST(LinkAttempts, ThreeFailuresPauseForADayFromTheLast) {
  const auto two = after_runs({kStart, kStart + hours(1)});
  EXPECT_EQ(two.paused_until(kStart + hours(2)), std::nullopt);
  const auto three = two.with_run(kStart + hours(2));
  ASSERT_TRUE(three);
  EXPECT_EQ(three->paused_until(kStart + hours(3)), kStart + hours(26));
  EXPECT_EQ(three->with_run(kStart + hours(25)).error(), LinkingError::paused);
  EXPECT_EQ(three->paused_until(kStart + hours(26)), std::nullopt);
}

TEST(LinkAttempts, AfterAPauseThereAreThreeAgain) {
  auto attempts = after_runs({kStart, kStart, kStart});
  for (int i = 0; i < 3; ++i) attempts = attempts.with_run(kStart + hours(24)).value();
  EXPECT_EQ(attempts.with_run(kStart + hours(24)).error(), LinkingError::paused);
}

TEST(LinkAttempts, AFailureIsForgottenAfterADay) {
  const auto attempts = after_runs({kStart, kStart + hours(12), kStart + hours(24), kStart + hours(36)});
  EXPECT_EQ(attempts.paused_until(kStart + hours(36)), std::nullopt);
  EXPECT_EQ(attempts.with_run(kStart + hours(37))->paused_until(kStart + hours(37)), kStart + hours(61));
}

TEST(LinkAttempts, AClockThatGoesBackForgivesNothing) {
  const auto attempts = after_runs({kStart, kStart, kStart});
  EXPECT_EQ(attempts.paused_until({kStart.value - days(10).value}), kStart + hours(24));
  EXPECT_EQ(after_runs({kStart, kStart, {1000}}).paused_until({2000}), UnixMs{1000} + hours(24));
}

TEST(LinkAttempts, SurviveTheStoreAndNothingElseDoes) {
  for (const auto& attempts : {LinkAttempts{}, after_runs({kStart}), after_runs({kStart, kStart, kStart})}) {
    const Bytes record = attempts.encode();
    EXPECT_EQ(LinkAttempts::decode(record), attempts);
    for (std::size_t length = 0; length < record.size(); ++length) {
      EXPECT_EQ(LinkAttempts::decode(ByteView(record).first(length)).error(), LinkingError::malformed);
    }
    Bytes longer = record;
    longer.push_back(0);
    EXPECT_EQ(LinkAttempts::decode(longer).error(), LinkingError::malformed);
  }
  Bytes other_format = LinkAttempts{}.encode();
  other_format[0] = 2;
  EXPECT_FALSE(LinkAttempts::decode(other_format));
  Bytes too_many(2 + 4 * 8);
  too_many[0] = 1;
  too_many[1] = 4;
  EXPECT_FALSE(LinkAttempts::decode(too_many));
}

}  // namespace
}  // namespace sotto::linking

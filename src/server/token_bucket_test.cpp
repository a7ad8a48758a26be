#include "server/token_bucket.h"

#include <gtest/gtest.h>

namespace sotto::server {
namespace {

constexpr UnixMs kStart{days(20'000).value};
constexpr Rate kRate{10, 5};

TEST(TokenBucketTest, StartsFullAndRefillsSteadily) {
  TokenBucket bucket;
  EXPECT_EQ(bucket.take(kRate, 5, kStart), DurationMs{});
  EXPECT_EQ(bucket.take(kRate, 1, kStart), DurationMs{101});
  EXPECT_EQ(bucket.take(kRate, 1, kStart + DurationMs{100}), DurationMs{});
  EXPECT_NE(bucket.take(kRate, 1, kStart + DurationMs{150}), DurationMs{});
}

TEST(TokenBucketTest, NeverHoldsMoreThanTheBurst) {
  TokenBucket bucket;
  bucket.take(kRate, 5, kStart);
  const UnixMs later = kStart + hours(10);
  EXPECT_EQ(bucket.take(kRate, 5, later), DurationMs{});
  EXPECT_NE(bucket.take(kRate, 1, later), DurationMs{});
}

TEST(TokenBucketTest, ACostAboveTheBurstNeedsAFullBucket) {
  TokenBucket bucket;
  EXPECT_EQ(bucket.take(kRate, 50, kStart), DurationMs{});
  EXPECT_NE(bucket.take(kRate, 50, kStart + DurationMs{100}), DurationMs{});
  EXPECT_EQ(bucket.take(kRate, 50, kStart + seconds(1)), DurationMs{});
}

TEST(TokenBucketTest, AClockThatGoesBackTakesNothingAway) {
  TokenBucket bucket;
  bucket.take(kRate, 1, kStart);
  EXPECT_EQ(bucket.take(kRate, 4, UnixMs{0}), DurationMs{});
}

TEST(TokenBucketTest, ARateOfZeroLimitsNothing) {
  TokenBucket bucket;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(bucket.take({}, 1'000'000, kStart), DurationMs{});
}

}  // namespace
}  // namespace sotto::server

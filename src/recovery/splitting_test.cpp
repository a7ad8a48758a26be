#include "recovery/splitting.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>

#include "crypto/hash.h"
#include "recovery/gf256.h"

namespace sotto::recovery {
namespace {

using gf256::Element;

TEST(Gf256, IsAField) {
  EXPECT_EQ(gf256::multiply(0x57, 0x83), 0xc1);  // FIPS 197 4.2
  EXPECT_EQ(gf256::multiply(0x57, 0x13), 0xfe);  // FIPS 197 4.2.1
  EXPECT_EQ(gf256::inverse(0), 0);
  for (unsigned a = 0; a < 256; ++a) {
    const auto x = static_cast<Element>(a);
    EXPECT_EQ(gf256::multiply(x, 1), x);
    EXPECT_EQ(gf256::multiply(x, 0), 0);
    if (a != 0) {
      EXPECT_EQ(gf256::multiply(x, gf256::inverse(x)), 1) << a;
    }
    for (unsigned b = 0; b < 256; ++b) {
      const auto y = static_cast<Element>(b);
      ASSERT_EQ(gf256::multiply(x, y), gf256::multiply(y, x));
      ASSERT_EQ(gf256::multiply(x, static_cast<Element>(y ^ 0x35)),
                gf256::multiply(x, y) ^ gf256::multiply(x, 0x35));
      ASSERT_EQ(gf256::multiply(gf256::multiply(x, y), 0x35), gf256::multiply(x, gf256::multiply(y, 0x35)));
    }
  }
}

TEST(Gf256, OnePointOfALineSaysNothing) {
  // For every secret, each value of a share comes from exactly one coefficient.
  for (unsigned x = 1; x < 256; x += 51) {
    for (unsigned secret = 0; secret < 256; ++secret) {
      std::array<int, 256> seen{};
      for (unsigned slope = 0; slope < 256; ++slope) {
        const std::array coefficients{static_cast<Element>(secret), static_cast<Element>(slope)};
        ++seen[gf256::evaluate(coefficients, static_cast<Element>(x))];
      }
      for (const int count : seen) ASSERT_EQ(count, 1) << x << " " << secret;
    }
  }
}

TEST(Gf256, TwoPointsOfAParabolaSayNothing) {
  for (const Element secret : {Element{0}, Element{1}, Element{0x53}, Element{0xff}}) {
    std::vector<int> seen(std::size_t{256} * 256);
    for (unsigned a = 0; a < 256; ++a) {
      for (unsigned b = 0; b < 256; ++b) {
        const std::array coefficients{secret, static_cast<Element>(a), static_cast<Element>(b)};
        ++seen[std::size_t{gf256::evaluate(coefficients, 1)} * 256 + gf256::evaluate(coefficients, 2)];
      }
    }
    for (const int count : seen) ASSERT_EQ(count, 1) << int{secret};
  }
}

class SplittingTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{6};
  RecoverySeed seed = crypto::random_secret<RecoverySeed>(random);
  std::string text = seed_text(seed);

  static RecoverySeed of(const std::vector<ShareValue>& values, std::uint32_t members) {
    std::vector<SharePoint> points;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if ((members >> i & 1U) != 0) points.push_back({static_cast<std::uint8_t>(i + 1), values[i]});
    }
    return combine(points);
  }
};

TEST_F(SplittingTest, EverySubsetOfEnoughSharesGivesTheSeedAndNoSmallerOne) {
  for (std::size_t count = 1; count <= 7; ++count) {
    for (std::size_t threshold = 1; threshold <= count; ++threshold) {
      const auto values = split(seed, threshold, count, random);
      ASSERT_EQ(values.size(), count);
      for (std::uint32_t members = 1; members < 1U << count; ++members) {
        const bool enough = static_cast<std::size_t>(std::popcount(members)) >= threshold;
        EXPECT_EQ(seed_text(of(values, members)) == text, enough) << threshold << " " << members;
      }
    }
  }
}

TEST_F(SplittingTest, TheLargestSetWorks) {
  const auto values = split(seed, 255, 255, random);
  std::vector<SharePoint> points;
  for (std::size_t i = 0; i < values.size(); ++i)
    points.push_back({static_cast<std::uint8_t>(i + 1), values[i]});
  EXPECT_EQ(seed_text(combine(points)), text);
  points.pop_back();
  EXPECT_NE(seed_text(combine(points)), text);
}

}  // namespace
}  // namespace sotto::recovery

#include "families/policy.h"

#include <gtest/gtest.h>

namespace sotto::families {
namespace {

Person person(std::uint8_t number) {
  return {identity::AccountId({number}), crypto::Fingerprint::from_octets({number})};
}

/// Mondays and Fridays from 15:00 to 20:00 in UTC+2, with persons 3 and 4.
Policy policy() {
  Policy out;
  out.child = person(1);
  out.guardian = person(2);
  out.device = crypto::Fingerprint::from_octets({9});
  out.version = 7;
  out.time = {99};
  out.hold_strangers = true;
  out.limited_hours = true;
  out.utc_offset_min = 120;
  out.hours = {{.day = 0, .from_min = 15 * 60, .until_min = 20 * 60},
               {.day = 4, .from_min = 15 * 60, .until_min = 20 * 60}};
  out.allowed = {person(3), person(4)};
  return out;
}

TEST(FamilyPolicy, ComesBackAndHasOneEncoding) {
  Policy full = policy();
  full.blur_pictures = full.blur_all_pictures = full.ended = true;
  full.hours.clear();
  for (std::size_t i = 0; i < kMaxWindows; ++i) {
    const auto hour = static_cast<std::uint16_t>(60 * (i % 8));
    full.hours.push_back({static_cast<std::uint8_t>(i / 8), hour, static_cast<std::uint16_t>(hour + 60)});
  }
  full.allowed.clear();
  for (std::size_t i = 0; i < kMaxAllowed; ++i) full.allowed.push_back(person(static_cast<std::uint8_t>(i)));
  Policy bare = policy();
  bare.limited_hours = false;
  bare.hours.clear();
  bare.allowed.clear();
  bare.utc_offset_min = kLeastOffset;
  for (const Policy& each : {policy(), full, bare}) {
    const Bytes p = encode(each);
    const auto parsed = parse_policy(p);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, each);
    EXPECT_EQ(encode(*parsed), p);
    EXPECT_LE(p.size() + crypto::kHybridSignatureSize + 4, kMaxSignedPolicy);
  }
}

TEST(FamilyPolicy, EveryTruncationIsRefused) {
  Bytes p = encode(policy());
  for (std::size_t length = 0; length < p.size(); ++length) {
    ASSERT_EQ(parse_policy(ByteView(p).first(length)).error(), PolicyError::malformed) << length;
  }
  p.push_back(0);
  EXPECT_EQ(parse_policy(p).error(), PolicyError::malformed);
}

TEST(FamilyPolicy, WhatBreaksARuleIsRefused) {
  const auto refused = [](const auto& change) {
    Policy changed = policy();
    change(changed);
    const auto parsed = parse_policy(encode(changed));
    return !parsed && parsed.error() == PolicyError::malformed;
  };
  EXPECT_TRUE(refused([](Policy& p) { p.version = 0; }));
  EXPECT_TRUE(refused([](Policy& p) { p.guardian = p.child; }));
  EXPECT_TRUE(refused([](Policy& p) { p.limited_hours = false; })) << "hours that mean nothing";
  EXPECT_TRUE(refused([](Policy& p) { p.utc_offset_min = kGreatestOffset + 1; }));
  EXPECT_TRUE(refused([](Policy& p) { p.allowed = {person(4), person(3)}; }));
  EXPECT_TRUE(refused([](Policy& p) { p.allowed = {person(3), {person(3).account, person(4).key}}; }));
  EXPECT_TRUE(refused([](Policy& p) { p.hours[0].until_min = p.hours[0].from_min; }));
  EXPECT_TRUE(refused([](Policy& p) { p.hours[1].until_min = kMinutesOfDay + 1; }));
  EXPECT_TRUE(refused([](Policy& p) { p.hours[1].day = 7; }));
  EXPECT_TRUE(refused([](Policy& p) { std::swap(p.hours[0], p.hours[1]); }));
  EXPECT_TRUE(refused([](Policy& p) { p.hours[1] = {0, 19 * 60, 21 * 60}; })) << "one into another";
  EXPECT_TRUE(refused([](Policy& p) { p.hours.resize(kMaxWindows + 1, {6, 1, 2}); }));
  EXPECT_TRUE(refused([](Policy& p) {
    for (std::uint8_t i = 0; p.allowed.size() <= kMaxAllowed; ++i) p.allowed.push_back(person(i));
  }));
}

TEST(FamilyPolicy, IsOpenInItsHoursByTheChildsClock) {
  // 2026-03-02 is a Monday.
  constexpr std::uint64_t kMonday = 1'772'409'600'000;
  const auto open = [](const Policy& of, std::uint64_t day, std::uint64_t hour, std::uint64_t minute = 0) {
    return is_open(of, {kMonday + ((day * 24 + hour) * 60 + minute) * 60'000});
  };
  const Policy here = policy();
  EXPECT_TRUE(open(here, 0, 13)) << "15:00 in UTC+2";
  EXPECT_FALSE(open(here, 0, 12, 59));
  EXPECT_TRUE(open(here, 0, 17, 59));
  EXPECT_FALSE(open(here, 0, 18));
  EXPECT_FALSE(open(here, 1, 14));
  EXPECT_TRUE(open(here, 4, 14));
  Policy west = policy();
  west.utc_offset_min = -600;
  EXPECT_TRUE(open(west, 1, 1)) << "still Monday, 15:00";
  EXPECT_FALSE(open(west, 0, 1));
  Policy any = policy();
  any.limited_hours = false;
  EXPECT_TRUE(open(any, 1, 3));
  Policy ended = policy();
  ended.ended = true;
  EXPECT_TRUE(open(ended, 1, 3));
  EXPECT_TRUE(allows(ended, person(8)));
}

TEST(FamilyPolicy, AllowsWhomItNamesUnderTheKeyThatItNames) {
  const Policy here = policy();
  EXPECT_TRUE(allows(here, person(2))) << "the guardian";
  EXPECT_TRUE(allows(here, person(3)));
  EXPECT_FALSE(allows(here, person(5)));
  EXPECT_FALSE(allows(here, {person(3).account, person(5).key})) << "somebody took over the account";
}

}  // namespace
}  // namespace sotto::families

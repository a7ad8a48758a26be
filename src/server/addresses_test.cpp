#include "server/addresses.h"

#include <gtest/gtest.h>

namespace sotto::server {
namespace {

constexpr UnixMs kStart{days(20'000).value};

TEST(AddressGroupTest, IsAnIpv4AddressOrAnIpv6Network) {
  EXPECT_EQ(address_group("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(address_group("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2");
  EXPECT_EQ(address_group("2001:db8:1:2::6"), "2001:db8:1:2");
  EXPECT_EQ(address_group("2001:db8::6"), "2001:db8::");
  EXPECT_EQ(address_group("::1"), "::");
  EXPECT_EQ(address_group("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(address_group("unix"), "unix");
  EXPECT_EQ(address_group(""), "");
}

TEST(AddressesTest, LimitConnectionsOfOneAddress) {
  Limits limits;
  limits.connections_per_address = 2;
  Addresses addresses(limits);
  EXPECT_TRUE(addresses.connect("a", kStart));
  EXPECT_TRUE(addresses.connect("a", kStart));
  EXPECT_FALSE(addresses.connect("a", kStart));
  EXPECT_TRUE(addresses.connect("b", kStart));
  addresses.disconnect("a", kStart);
  EXPECT_TRUE(addresses.connect("a", kStart));
}

TEST(AddressesTest, LimitAuthenticationsAndRegistrationsApart) {
  Limits limits;
  limits.authentications_per_address = {1, 1};
  limits.registrations_per_address = {1, 1};
  Addresses addresses(limits);
  EXPECT_EQ(addresses.authenticate("a", kStart), DurationMs{});
  EXPECT_GT(addresses.authenticate("a", kStart), DurationMs{});
  EXPECT_EQ(addresses.register_account("a", kStart), DurationMs{});
  EXPECT_GT(addresses.register_account("a", kStart), DurationMs{});
}

TEST(AddressesTest, AreForgottenOnceSilentAndDisconnected) {
  const Limits limits;
  Addresses addresses(limits);
  addresses.connect("connected", kStart);
  addresses.connect("gone", kStart);
  addresses.disconnect("gone", kStart);
  addresses.tick(kStart + kAllowanceMemory);
  EXPECT_EQ(addresses.size(), 2u);
  addresses.tick(kStart + kAllowanceMemory + seconds(1));
  EXPECT_EQ(addresses.size(), 1u);
}

TEST(AddressesTest, StrangersShareOneAllowanceOnceTooManyAreKnown) {
  Limits limits;
  limits.connections_per_address = 1;
  Addresses addresses(limits);
  for (std::size_t i = 0; i < kMaxAddresses; ++i) ASSERT_TRUE(addresses.connect(std::to_string(i), kStart));
  EXPECT_TRUE(addresses.connect("x", kStart));
  EXPECT_FALSE(addresses.connect("y", kStart));
  EXPECT_EQ(addresses.size(), kMaxAddresses);
  addresses.disconnect("x", kStart);
  EXPECT_TRUE(addresses.connect("y", kStart));
}

}  // namespace
}  // namespace sotto::server

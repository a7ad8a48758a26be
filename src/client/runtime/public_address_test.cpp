#include "client/runtime/public_address.h"

#include <gtest/gtest.h>

namespace sotto::client {
namespace {

bool is_public(const char* text) { return client::is_public(boost::asio::ip::make_address(text)); }

TEST(PublicAddress, IsWhatTheInternetRoutes) {
  for (const auto* address : {"93.184.216.34", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.0.1",
                              "100.128.0.1", "2606:2800:220:1::1", "2a00:1450::1", "2001:4860:4860::8888"}) {
    EXPECT_TRUE(is_public(address)) << address;
  }
}

TEST(PublicAddress, IsNeitherOfThisMachineNorOfANetworkOfSomebodysOwn) {
  for (const auto* address : {"0.0.0.0",
                              "10.1.2.3",
                              "100.64.0.1",
                              "127.0.0.1",
                              "127.255.0.1",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.8",
                              "192.0.2.1",
                              "192.88.99.1",
                              "192.168.1.1",
                              "198.19.0.1",
                              "198.51.100.1",
                              "203.0.113.7",
                              "224.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::ffff:10.0.0.1",
                              "::ffff:1.1.1.1",
                              "fe80::1",
                              "fd00::1",
                              "ff02::1",
                              "64:ff9b::a00:1",
                              "2001:db8::1",
                              "2001::1",
                              "2002:a00:1::",
                              "3fff::1"}) {
    EXPECT_FALSE(is_public(address)) << address;
  }
}

}  // namespace
}  // namespace sotto::client

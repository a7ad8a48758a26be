#include "client/runtime/public_address.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sotto::client {
namespace {

struct Net4 {
  std::uint32_t first;
  unsigned bits;
};

constexpr std::uint32_t net(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return a << 24U | b << 16U | c << 8U;
}

constexpr std::array kSpecial = {
    Net4{net(0, 0, 0), 8},      Net4{net(10, 0, 0), 8},     Net4{net(100, 64, 0), 10},
    Net4{net(127, 0, 0), 8},    Net4{net(169, 254, 0), 16}, Net4{net(172, 16, 0), 12},
    Net4{net(192, 0, 0), 24},   Net4{net(192, 0, 2), 24},   Net4{net(192, 88, 99), 24},
    Net4{net(192, 168, 0), 16}, Net4{net(198, 18, 0), 15},  Net4{net(198, 51, 100), 24},
    Net4{net(203, 0, 113), 24}, Net4{net(224, 0, 0), 4},    Net4{net(240, 0, 0), 4},
};

bool is_public(std::uint32_t address) {
  return std::ranges::none_of(
      kSpecial, [address](const Net4& each) { return (address ^ each.first) >> (32 - each.bits) == 0; });
}

/// 2000::/3 alone is given out; of that not documentation, nor what tunnels addresses of the old kind
/// (Teredo, ORCHID and others in 2001::/23, 6to4).
bool is_public(const boost::asio::ip::address_v6::bytes_type& octets) {
  if ((octets[0] & 0xe0U) != 0x20U) return false;
  const bool special = octets[0] == 0x20 && octets[1] == 0x01 && octets[2] < 0x02;
  const bool documentation = octets[0] == 0x20 && octets[1] == 0x01 && octets[2] == 0x0d && octets[3] == 0xb8;
  const bool six_to_four = octets[0] == 0x20 && octets[1] == 0x02;
  const bool new_documentation = octets[0] == 0x3f && octets[1] == 0xff && octets[2] < 0x10;
  return !special && !documentation && !six_to_four && !new_documentation;
}

}  // namespace

bool is_public(const boost::asio::ip::address& address) {
  if (address.is_v4()) return is_public(address.to_v4().to_uint());
  return is_public(address.to_v6().to_bytes());
}

}  // namespace sotto::client

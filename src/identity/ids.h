// Strong types for the names of accounts and devices: random, meaningless octets that say nothing about a
// person.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "bytes/bytes.h"
#include "bytes/hex.h"

namespace sotto::identity {

/// A 16-octet identifier; Tag keeps accounts and devices apart. Ordered as octet strings.
template <typename Tag>
class Id {
 public:
  static constexpr std::size_t kSize = 16;

  constexpr Id() = default;
  constexpr explicit Id(const ByteArray<kSize>& octets) : octets_(octets) {}
  /// Empty unless exactly 16 octets.
  static std::optional<Id> from(ByteView octets) {
    if (octets.size() != kSize) return std::nullopt;
    return Id(to_array<kSize>(octets));
  }

  [[nodiscard]] ByteView view() const { return octets_; }
  [[nodiscard]] const ByteArray<kSize>& octets() const { return octets_; }

  friend auto operator<=>(const Id&, const Id&) = default;

 private:
  ByteArray<kSize> octets_{};
};

using AccountId = Id<struct AccountTag>;
using DeviceId = Id<struct DeviceTag>;

/// Short text form for logs: the first 4 octets, enough to tell lines apart and too few to be a lookup key.
template <typename Tag>
std::string log_form(const Id<Tag>& id) {
  return to_hex(id.view().first(4));
}

/// One device of one account.
struct DeviceAddress {
  AccountId account;
  DeviceId device;

  friend auto operator<=>(const DeviceAddress&, const DeviceAddress&) = default;
};

}  // namespace sotto::identity

template <typename Tag>
struct std::hash<sotto::identity::Id<Tag>> {
  std::size_t operator()(const sotto::identity::Id<Tag>& id) const noexcept {
    // Ids are uniformly random, but a peer chooses its own: hash all octets, not a prefix.
    return std::hash<std::string_view>{}(sotto::as_chars(id.view()));
  }
};

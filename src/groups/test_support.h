// For tests: people with one device each, or more, whose operations need no signatures.
#pragma once

#include <gtest/gtest.h>

#include "groups/history.h"

namespace sotto::groups::testing {

inline constexpr UnixMs kNow{1'800'000'000'000};

/// Device `device` of person `number`, listed in version 1 of its account's manifest.
inline Author person(std::uint16_t number, std::uint8_t device = 0) {
  ByteArray<16> account{};
  account[0] = static_cast<std::uint8_t>(number >> 8U);
  account[1] = static_cast<std::uint8_t>(number);
  ByteArray<32> key{};
  key[0] = account[0];
  key[1] = account[1];
  ByteArray<32> device_key = key;
  device_key[2] = device;
  device_key[3] = 1;
  return {AccountId(account), crypto::Fingerprint::from_octets(key),
          crypto::Fingerprint::from_octets(device_key), 1};
}

inline std::vector<MemberName> people(std::uint16_t first, std::uint16_t count) {
  std::vector<MemberName> out;
  for (std::uint16_t i = 0; i < count; ++i) {
    out.push_back(person(static_cast<std::uint16_t>(first + i)).member());
  }
  return out;
}

inline VerifiedOperation unsigned_operation(const Operation& operation) {
  return VerifiedOperation::from_own_store(encode(operation)).value();
}

inline VerifiedOperation beginning(const Author& owner, std::vector<MemberName> members) {
  return unsigned_operation({.group = {7, 7},
                             .author = owner,
                             .time = kNow,
                             .parents = {},
                             .act = Create{{'g'}, std::move(members)}});
}

/// A group of person 1, the owner, and persons 2 to `last`.
inline History group_of(std::uint16_t last) {
  return History::begin(beginning(person(1), people(2, static_cast<std::uint16_t>(last - 1)))).value();
}

/// Builds on `parents`, whether allowed there or not.
inline VerifiedOperation operation_on(const GroupId& group, std::vector<OperationHash> parents,
                                      const Author& author, Act act, std::uint64_t later_ms = 0) {
  return unsigned_operation({group, author, kNow + DurationMs{later_ms}, std::move(parents), std::move(act)});
}

/// Does it now, which must be allowed.
inline VerifiedOperation act(History& history, const Author& author, Act what, std::uint64_t later_ms = 0) {
  const auto draft = history.draft(author, std::move(what), kNow + DurationMs{later_ms});
  EXPECT_TRUE(draft) << describe(draft.error());
  auto operation = unsigned_operation(*draft);
  const auto admitted = history.admit(operation);
  EXPECT_TRUE(admitted && *admitted);
  return operation;
}

inline std::optional<Role> role_of(const History& history, const Author& author) {
  const Member* member = history.state().roster.find(author.account);
  if (member == nullptr) return std::nullopt;
  return member->role;
}

}  // namespace sotto::groups::testing

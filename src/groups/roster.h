// Who is in a group, under which key and in which role: what every message of a group is bound to
// (docs/specs/groups.md 6, session-protocol.md 6).
#pragma once

#include "groups/operation.h"

namespace sotto::groups {

struct Member {
  MemberName name;
  Role role = Role::member;

  friend bool operator==(const Member&, const Member&) = default;
};

struct Roster {
  GroupId group{};
  std::vector<Member> members;  ///< ascending by account

  /// Null: not in it. The pointer lives as long as `members` is unchanged.
  [[nodiscard]] const Member* find(const AccountId& account) const;
  friend bool operator==(const Roster&, const Roster&) = default;
};

/// H(roster).
crypto::Sha384Digest hash_of(const Roster& roster);

}  // namespace sotto::groups

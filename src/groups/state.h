// What a history comes to: the group as people see it (docs/specs/groups.md 6).
#pragma once

#include "groups/roster.h"
#include "groups/view.h"

namespace sotto::groups {

/// The invite link in force.
struct InviteLink {
  LinkSecret secret{};
  OperationHash operation{};       ///< that made it
  std::vector<AccountId> refused;  ///< ascending; who asked by it and was told no

  friend bool operator==(const InviteLink&, const InviteLink&) = default;
};

struct GroupState {
  Bytes name;
  Bytes photo;  ///< empty: none
  std::optional<InviteLink> link;
  DurationMs timer;  ///< 0: messages stay
  bool guests = false;
  Roster roster;

  friend bool operator==(const GroupState&, const GroupState&) = default;
};

GroupState state_of(const View& view);

}  // namespace sotto::groups

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

/// Somebody outside, who gets what is said to them as text messages, unencrypted.
struct Guest {
  Bytes number;        ///< E.164
  Bytes name;          ///< as who brought them in calls them
  MemberName sponsor;  ///< who did, and whose client sends the texts and vouches for what comes back

  friend bool operator==(const Guest&, const Guest&) = default;
};

struct GroupState {
  Bytes name;
  Bytes photo;  ///< empty: none
  std::optional<InviteLink> link;
  DurationMs timer;  ///< 0: messages stay
  bool guests_allowed = false;
  std::vector<Guest> guests;  ///< ascending by number; none where they are not allowed
  Roster roster;

  /// Null: none of this number. The pointer lives as long as `guests` is unchanged.
  [[nodiscard]] const Guest* find_guest(ByteView number) const;

  friend bool operator==(const GroupState&, const GroupState&) = default;
};

GroupState state_of(const View& view);

}  // namespace sotto::groups

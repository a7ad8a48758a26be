// The history of one group: takes operations, each at its place, and says what the group is now or was for
// somebody who knew less (docs/specs/groups.md 4-6). One thread; no input or output. Where operations are
// kept and how they travel are the owner's concern.
#pragma once

#include "groups/state.h"

namespace sotto::groups {

class History {
 public:
  /// Errors: wrong_group (not the beginning of a group).
  static GroupResult<History> begin(VerifiedOperation create);
  /// Operations that a history took before, in the order in which it took them. Nothing but their order is
  /// checked. Errors: wrong_group, unknown_parent.
  static GroupResult<History> restore(std::vector<VerifiedOperation> operations);

  /// True: it is new. An operation that is here already changes nothing. Refused for good, by everybody who
  /// has what it builds on: not_a_member, device_left, not_allowed, no_guests, no_such_member,
  /// already_member, too_many_members, too_many_guests, wrong_link, wrong_group, history_full (its past is
  /// too long). Refused here: unknown_parent, to be tried again when that came, and history_full
  /// (kMaxStoredOperations).
  GroupResult<bool> admit(VerifiedOperation operation);

  /// What `author` would sign to do this now. Errors: those of admit.
  [[nodiscard]] GroupResult<Operation> draft(const Author& author, Act act, UnixMs now) const;

  [[nodiscard]] const GroupId& id() const { return graph_.node(0).operation.group(); }
  /// Worked out when asked for after a change.
  [[nodiscard]] const GroupState& state() const;
  /// What nothing builds on yet, ascending. More than kMaxParents: somebody has to merge.
  [[nodiscard]] const std::vector<OperationHash>& heads() const { return heads_; }
  [[nodiscard]] bool contains(const OperationHash& hash) const { return graph_.find(hash).has_value(); }
  [[nodiscard]] std::size_t size() const { return graph_.size(); }
  /// Whether it has effect, which a later one beside it can take away. Precondition: contains(hash).
  [[nodiscard]] bool stands(const OperationHash& hash) const;

  /// The group for somebody who knows `heads` and what they build on. Errors: unknown_parent.
  [[nodiscard]] GroupResult<GroupState> state_at(std::span<const OperationHash> heads) const;
  /// What somebody lacks who has `heads` and what they build on, in an order that admit can take. Heads that
  /// are not here do not count.
  [[nodiscard]] std::vector<OperationHash> missing_after(std::span<const OperationHash> heads) const;

 private:
  History() = default;

  GroupResult<Cut> find_past(const Operation& operation, const GroupId& group) const;
  GroupResult<void> check(const Operation& operation, const Cut& past) const;
  Index insert(VerifiedOperation operation, Cut past);

  Graph graph_;
  Cut all_;
  Cut standing_;
  std::vector<OperationHash> heads_;
  mutable std::optional<GroupState> state_;  ///< empty: to be worked out
};

}  // namespace sotto::groups

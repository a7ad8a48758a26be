// Which acts undo which that stand beside them in the history, so that neither knew of the other
// (docs/specs/groups.md 5).
#pragma once

#include "groups/operation.h"

namespace sotto::groups {

/// The least role of an author at the operation's place. Removing and giving roles need more, depending on
/// whom they concern (authority.h).
Role needed_role(const Act& act);

/// Whether `attacker`, if it stands, undoes `attacked`, which stands beside it.
bool undoes(const Operation& attacker, const Operation& attacked);

/// Which of two operations stands where each would undo the other, directly or by a detour: true if `a` does.
bool is_stronger(const Operation& a, const OperationHash& hash_a, const Operation& b,
                 const OperationHash& hash_b);

}  // namespace sotto::groups

// Who may do what (docs/specs/groups.md 4).
#pragma once

#include "groups/view.h"

namespace sotto::groups {

/// Whether the author may do this where `place` is what the operation builds on. Errors: not_a_member,
/// device_left, not_allowed, no_guests.
GroupResult<void> check_author(const View& place, const Operation& operation);

/// Whether it says something there: of members and guests that are in the group, of others that are not, of
/// the link in force. Asked once, when the operation arrives. Errors: no_such_member, already_member,
/// too_many_members, too_many_guests, wrong_link.
GroupResult<void> check_subject(const View& place, const Operation& operation);

}  // namespace sotto::groups

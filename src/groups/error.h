// The error enum of the groups module.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::groups {

/// Why something about a group was refused.
enum class GroupError : std::uint8_t {
  malformed,       ///< not an encoding that the specification allows
  wrong_author,    ///< the manifest that the operation names does not say that this device may speak
  bad_signature,   ///< one half of the hybrid signature or both do not verify
  wrong_group,     ///< of another group, or a second beginning
  unknown_parent,  ///< builds on an operation that is not here
  not_a_member,    ///< at its place in the history the author is not in the group under this key
  device_left,     ///< at its place the author's account has said that this device left it
  not_allowed,     ///< at its place the author's role does not permit this
  no_guests,       ///< at its place the group does not let guests in
  no_such_member,  ///< at its place nobody of this name, or no guest of this number, is in the group
  already_member,  ///< at its place the account, or the guest, is in the group
  too_many_members,
  too_many_guests,
  wrong_link,    ///< names an invite link that is not the one in force at its place
  history_full,  ///< the group cannot take more operations
  pending_full,  ///< too many operations wait for what they build on
};

std::string_view describe(GroupError error);

template <typename T>
using GroupResult = Result<T, GroupError>;

}  // namespace sotto::groups

// Why a command about a group was refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "groups/error.h"

namespace sotto::client {

enum class GroupCommandError : std::uint8_t {
  not_registered,
  no_such_group,    ///< nothing of this name
  ambiguous_group,  ///< several of this name
  unknown_person,   ///< somebody whose account or key is not known here, or changed
  bad_name,         ///< of a group or guest: empty, too long, or nothing in it can be shown
  bad_photo,        ///< no picture, or too large a one
  bad_link,         ///< not the text of an invite link
  other_key,        ///< the admin named in the link has another key than the link says
  no_request,       ///< nobody of this name asked to be let in
  bad_number,       ///< no telephone number
  sms_not_allowed,  ///< the user has not said that texts may go to this number
  guest_elsewhere,  ///< this account brought the number into another group: answers could not be told apart
  refused,          ///< by the group's rules
};

struct GroupFailure {
  GroupCommandError error;
  std::optional<groups::GroupError> rule = {};  ///< with refused
  std::string subject = {};                     ///< whom or what it is about
};
/// For people: cause and next step.
std::string describe(const GroupFailure& failure);

template <typename T>
using GroupOutcome = Result<T, GroupFailure>;

}  // namespace sotto::client

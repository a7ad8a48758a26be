#include "groups/error.h"

namespace sotto::groups {

std::string_view describe(GroupError error) {
  switch (error) {
    case GroupError::malformed: return "not a group operation or link as this version knows them";
    case GroupError::wrong_author: return "the author's account does not list the device that signed";
    case GroupError::bad_signature: return "the signature does not verify";
    case GroupError::wrong_group: return "belongs to another group";
    case GroupError::unknown_parent: return "builds on a change of the group that has not arrived";
    case GroupError::not_a_member: return "the author is not in the group";
    case GroupError::device_left: return "the device that signed has left its account";
    case GroupError::not_allowed:
      return "the author's role does not permit it; ask an administrator of the group";
    case GroupError::no_guests: return "the group lets no guests in; an administrator can change that";
    case GroupError::no_such_member: return "nobody of this name is in the group";
    case GroupError::already_member: return "is in the group already";
    case GroupError::too_many_members:
      return "a group has at most 1000 members; remove some or begin another";
    case GroupError::too_many_guests: return "a group has at most 16 guests; remove one first";
    case GroupError::wrong_link: return "the invite link was reset; ask for the new one";
    case GroupError::history_full: return "the group has seen too many changes; begin a new one";
    case GroupError::pending_full: return "too many changes of the group arrived before what they build on";
  }
  return "unknown error";
}

}  // namespace sotto::groups

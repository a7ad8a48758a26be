#include "client/groups/error.h"

namespace sotto::client {

std::string describe(const GroupFailure& failure) {
  switch (failure.error) {
    case GroupCommandError::not_registered:
      return "this profile is not registered yet; run `sotto register` first";
    case GroupCommandError::no_such_group:
      return "there is no group called " + failure.subject +
             "; `sotto group list` shows those that you are in";
    case GroupCommandError::ambiguous_group:
      return "several groups are called " + failure.subject +
             "; name the one you mean by the first digits of its id, which `sotto group list` shows";
    case GroupCommandError::unknown_person:
      return failure.subject + " is not known here, or their key changed; look at `sotto contact show " +
             failure.subject + "`";
    case GroupCommandError::bad_name:
      return "a name, of a group or a guest, has 1 to 64 octets that can be shown";
    case GroupCommandError::bad_photo:
      return "the photo of a group is a picture of at most 1 MiB; `sotto media convert IN OUT --max-edge "
             "800` makes one";
    case GroupCommandError::bad_link: return "this is not an invite link; copy the whole of it";
    case GroupCommandError::other_key:
      return "the key of " + failure.subject +
             " is another than the link says: the link is old, or somebody changed it; ask for a new one";
    case GroupCommandError::no_request:
      return "nobody called " + failure.subject + " asks to be let in; `sotto group requests` shows who does";
    case GroupCommandError::bad_number:
      return failure.subject + " is no telephone number; it begins with + and the country code";
    case GroupCommandError::sms_not_allowed:
      return "what is said in the group would go to " + failure.subject +
             " in text messages, which are NOT end-to-end encrypted, and you have not allowed them; `sotto "
             "sms "
             "allow NUMBER` does";
    case GroupCommandError::guest_elsewhere:
      return "you brought " + failure.subject +
             " into another group, and their answers could not be told apart; remove them there first, or "
             "let "
             "somebody else bring them in";
    case GroupCommandError::refused:
      return (failure.subject.empty() ? "" : failure.subject + ": ") +
             std::string(groups::describe(failure.rule.value_or(groups::GroupError::not_allowed)));
  }
  return "unknown error";
}

}  // namespace sotto::client

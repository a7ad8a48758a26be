#include "client/families/error.h"

namespace sotto::client {

std::string describe(const FamilyFailure& failure) {
  switch (failure.error) {
    case FamilyError::not_registered: return "this profile is not registered yet; run `sotto register` first";
    case FamilyError::own_account: return "this is your own account";
    case FamilyError::unknown_person:
      return failure.subject + " is not known here, or their key changed; look at `sotto contact show " +
             failure.subject + "`";
    case FamilyError::no_offer:
      return failure.subject +
             " does not offer to be your guardian, or did so more than a week ago; they run `sotto family "
             "offer "
             "YOUR-NAME`";
    case FamilyError::other_key:
      return "the key of " + failure.subject +
             " is another than the one that was named; compare fingerprints with them, side by side";
    case FamilyError::has_guardian: return "this account has a guardian; only they can end that";
    case FamilyError::is_guardian:
      return "this account is the guardian of others, and cannot have one itself";
    case FamilyError::no_guardian: return "this account has no guardian; nobody has to be asked";
    case FamilyError::no_child:
      return failure.subject +
             " has not accepted you as guardian; on their device: `sotto family accept YOUR-NAME`";
    case FamilyError::no_request:
      return failure.subject + " is nobody whom they ask for; `sotto family requests` shows whom";
    case FamilyError::bad_hours:
      return "hours are written like \"mon-fri 15:00-20:00, sat 09:00-21:00\", or any; the offset of the "
             "child's clock like +02:00";
    case FamilyError::bad_note: return "a note has one line of at most 256 octets";
    case FamilyError::too_many_people: return "a guardian allows at most 256 people; take some away first";
  }
  return "unknown error";
}

}  // namespace sotto::client

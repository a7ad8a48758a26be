#include "linking/error.h"

namespace sotto::linking {

std::string_view describe(LinkingError error) {
  switch (error) {
    case LinkingError::malformed: return "the code or message is damaged; ask for a new code";
    case LinkingError::paused:
      return "too many failed attempts; linking is paused on this device for 24 hours";
    case LinkingError::expired: return "the code's two minutes are over; ask for a new code";
    case LinkingError::other_device: return "another device answered than the one whose QR code was scanned";
    case LinkingError::unknown_device: return "the device that answered does not belong to the account";
    case LinkingError::wrong_account: return "the account's keys are not the ones that were expected";
    case LinkingError::not_confirmed: return "the codes differ, or somebody interfered; ask for a new code";
    case LinkingError::bad_device: return "the new device could not prove what it says about itself";
    case LinkingError::grant_refused: return "the device list changed meanwhile; ask for a new code";
    case LinkingError::bad_grant:
      return "what the trusted device sent could not be accepted; ask for a new code";
  }
  return "unknown error";
}

}  // namespace sotto::linking

#include "verification/error.h"

namespace sotto::verification {

std::string_view describe(VerificationError error) {
  switch (error) {
    case VerificationError::malformed: return "that is no code for verifying a contact";
    case VerificationError::other_contact: return "that code belongs to another conversation";
    case VerificationError::their_key_differs:
      return "their key is NOT the one this device has for them: do not send anything confidential";
    case VerificationError::my_key_differs:
      return "they have a key for you that is NOT yours: do not send anything confidential";
    case VerificationError::other_run: return "the message belongs to another comparison";
    case VerificationError::expired: return "the comparison took too long; start again";
    case VerificationError::bad_reveal:
      return "the keys differ or somebody interferes: do not send anything confidential";
  }
  return "unknown error";
}

}  // namespace sotto::verification

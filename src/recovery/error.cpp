#include "recovery/error.h"

namespace sotto::recovery {

std::string_view describe(RecoveryError error) {
  switch (error) {
    case RecoveryError::malformed: return "not a recovery key, file or slot as this version knows them";
    case RecoveryError::mistyped:
      return "the recovery key was mistyped: its last group does not fit the others; compare it with the "
             "paper";
    case RecoveryError::cannot_open: return "was altered, or belongs to another recovery key";
    case RecoveryError::inconsistent: return "its parts do not fit together";
    case RecoveryError::bad_terms:
      return "2 to 16 contacts can hold shares, and at least two of them have to be needed";
    case RecoveryError::wrong_share: return "a share is not the one that was made for this contact";
    case RecoveryError::too_few_shares: return "more shares are needed; ask further contacts";
    case RecoveryError::mixed_shares:
      return "the shares belong to different sets; one of the contacts gave a wrong or an old one";
    case RecoveryError::wrong_request: return "answers another recovery request than the one made here";
  }
  return "unknown error";
}

}  // namespace sotto::recovery

#include "client/recovery/failure.h"

namespace sotto::client {

std::string_view describe(RecoveryFailure failure) {
  switch (failure) {
    case RecoveryFailure::not_registered: return "this profile has no account; run `sotto register` first";
    case RecoveryFailure::already_linked: return "this profile already has an account; use another --profile";
    case RecoveryFailure::not_connected:
      return "this needs the server, and everything that waits there first; try again";
    case RecoveryFailure::no_key: return "the account has no recovery key yet; run `sotto recovery setup`";
    case RecoveryFailure::wrong_key:
      return "this is a recovery key, but not of this account, or not its newest one; look for the right "
             "paper, "
             "or make a new key with `sotto recovery setup`";
    case RecoveryFailure::no_contacts:
      return "the account has no recovery contacts; run `sotto recovery contacts set`";
    case RecoveryFailure::bad_handle:
      return "this is not a user name; names have letters, digits, dots, - and _";
    case RecoveryFailure::unknown_contact:
      return "one of the contacts is not known here yet, or its key changed; look with `sotto contact show`";
    case RecoveryFailure::own_account:
      return "a recovery contact is somebody else, and each of them is named once";
    case RecoveryFailure::bad_terms:
      return "2 to 16 contacts can hold shares, and --threshold is at least 2 and not more than their number";
    case RecoveryFailure::bad_delay: return "the delay is between one second and 30 days";
    case RecoveryFailure::bad_request:
      return "the file is not a recovery request, or was altered on its way; have a new one made";
    case RecoveryFailure::no_share: return "you hold no share of whoever asks; nothing was done";
    case RecoveryFailure::vetoed:
      return "a device of the owner refused this request: whoever gave it to you is not the owner, or has "
             "another device after all";
    case RecoveryFailure::not_told:
      return "the server has not taken the notice to the owner's devices yet; run the command again later";
    case RecoveryFailure::nothing_asked: return "nobody has asked your contacts for anything";
    case RecoveryFailure::no_request:
      return "no recovery request was made with this profile; run `sotto recover HANDLE --request-to FILE` "
             "first";
    case RecoveryFailure::bad_share:
      return "a file is not a share for the request that this profile made, or was altered on its way";
    case RecoveryFailure::too_few_shares: return describe(recovery::RecoveryError::too_few_shares);
    case RecoveryFailure::mixed_shares: return describe(recovery::RecoveryError::mixed_shares);
    case RecoveryFailure::wrong_share: return describe(recovery::RecoveryError::wrong_share);
  }
  return "unknown error";
}

RecoveryFailure failure_of(recovery::RecoveryError error) {
  switch (error) {
    case recovery::RecoveryError::too_few_shares: return RecoveryFailure::too_few_shares;
    case recovery::RecoveryError::mixed_shares: return RecoveryFailure::mixed_shares;
    case recovery::RecoveryError::wrong_share: return RecoveryFailure::wrong_share;
    case recovery::RecoveryError::bad_terms: return RecoveryFailure::bad_terms;
    default: return RecoveryFailure::bad_share;
  }
}

}  // namespace sotto::client

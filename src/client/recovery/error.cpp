#include "client/recovery/error.h"

namespace sotto::client {

std::string_view describe(RecoveryCommandError failure) {
  switch (failure) {
    case RecoveryCommandError::not_registered:
      return "this profile has no account; run `sotto register` first";
    case RecoveryCommandError::already_linked:
      return "this profile already has an account; use another --profile";
    case RecoveryCommandError::not_connected:
      return "this needs the server, and everything that waits there first; try again";
    case RecoveryCommandError::no_key:
      return "the account has no recovery key yet; run `sotto recovery setup`";
    case RecoveryCommandError::wrong_key:
      return "this is a recovery key, but not of this account, or not its newest one; look for the right "
             "paper, "
             "or make a new key with `sotto recovery setup`";
    case RecoveryCommandError::no_contacts:
      return "the account has no recovery contacts; run `sotto recovery contacts set`";
    case RecoveryCommandError::bad_handle:
      return "this is not a user name; names have letters, digits, dots, - and _";
    case RecoveryCommandError::unknown_contact:
      return "one of the contacts is not known here yet, or its key changed; look with `sotto contact show`";
    case RecoveryCommandError::own_account:
      return "a recovery contact is somebody else, and each of them is named once";
    case RecoveryCommandError::bad_terms:
      return "2 to 16 contacts can hold shares, and --threshold is at least 2 and not more than their number";
    case RecoveryCommandError::bad_delay: return "the delay is between one second and 30 days";
    case RecoveryCommandError::bad_request:
      return "the file is not a recovery request, or was altered on its way; have a new one made";
    case RecoveryCommandError::no_share: return "you hold no share of whoever asks; nothing was done";
    case RecoveryCommandError::vetoed:
      return "a device of the owner refused this request: whoever gave it to you is not the owner, or has "
             "another device after all";
    case RecoveryCommandError::not_told:
      return "the server has not taken the notice to the owner's devices yet; run the command again later";
    case RecoveryCommandError::nothing_asked: return "nobody has asked your contacts for anything";
    case RecoveryCommandError::no_request:
      return "no recovery request was made with this profile; run `sotto recover HANDLE --request-to FILE` "
             "first";
    case RecoveryCommandError::bad_share:
      return "a file is not a share for the request that this profile made, or was altered on its way";
    case RecoveryCommandError::too_few_shares: return describe(recovery::RecoveryError::too_few_shares);
    case RecoveryCommandError::mixed_shares: return describe(recovery::RecoveryError::mixed_shares);
    case RecoveryCommandError::wrong_share: return describe(recovery::RecoveryError::wrong_share);
  }
  return "unknown error";
}

RecoveryCommandError failure_of(recovery::RecoveryError error) {
  switch (error) {
    case recovery::RecoveryError::too_few_shares: return RecoveryCommandError::too_few_shares;
    case recovery::RecoveryError::mixed_shares: return RecoveryCommandError::mixed_shares;
    case recovery::RecoveryError::wrong_share: return RecoveryCommandError::wrong_share;
    case recovery::RecoveryError::bad_terms: return RecoveryCommandError::bad_terms;
    default: return RecoveryCommandError::bad_share;
  }
}

}  // namespace sotto::client

#include "client/verification/error.h"

#include "client/accounts/self.h"

namespace sotto::client {

std::string_view describe(VerifyError error) {
  switch (error) {
    case VerifyError::not_registered: return "this profile has no account; run `sotto register`";
    case VerifyError::unknown_contact:
      return "no key of this contact is known here; write to them, or run `sotto contact show`, first";
    case VerifyError::key_changed:
      return "the contact's key changed and nothing is sent: scan their QR code, or accept the key with "
             "`sotto contact accept` or keep the known one with `sotto contact keep`, and compare then";
    case VerifyError::key_not_changed:
      return "the server shows no other key of this contact than the known one; there is nothing to decide";
    case VerifyError::no_run: return "nothing is being compared with this contact; run `sotto verify`";
    case VerifyError::not_shown: return "the other side has not answered yet; there is nothing to compare";
    case VerifyError::expired: return "more than ten minutes have passed; start again, both of you";
    case VerifyError::not_verified: return "this contact is not verified";
    case VerifyError::bad_code: return "this is not the text of a verification code";
    case VerifyError::other_contact:
      return "the code belongs to another conversation; scan the contact's own";
    case VerifyError::their_key_differs:
      return "NOT the same key: this device holds another key for the contact than their own device shows. "
             "Do "
             "not trust this conversation";
    case VerifyError::my_key_differs:
      return "NOT the same key: the contact's device holds another key for you than this device has. Do not "
             "trust this conversation";
  }
  return "unknown error";
}

VerifyError verify_error(verification::VerificationError error) {
  using verification::VerificationError;
  switch (error) {
    case VerificationError::malformed: return VerifyError::bad_code;
    case VerificationError::other_contact: return VerifyError::other_contact;
    case VerificationError::their_key_differs: return VerifyError::their_key_differs;
    case VerificationError::my_key_differs: return VerifyError::my_key_differs;
    case VerificationError::other_run: return VerifyError::no_run;
    case VerificationError::expired: return VerifyError::expired;
    case VerificationError::bad_reveal: return VerifyError::their_key_differs;
  }
  return VerifyError::bad_code;
}

Result<Known, VerifyError> known_contact(store::Database& database, const Self& self,
                                         std::string_view handle) {
  if (!self.ready()) return err(VerifyError::not_registered);
  const auto contact = find_called(database, handle);
  if (!contact || !contact->account || !contact->pinned) return err(VerifyError::unknown_contact);
  return Known{*contact,
               {self.account_id(), self.account->key.public_key().fingerprint()},
               {*contact->account, *contact->pinned}};
}

}  // namespace sotto::client

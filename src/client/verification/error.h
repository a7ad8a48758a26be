// Why a contact was not verified, of the client's part and of the comparison's.
#pragma once

#include <cstdint>
#include <string_view>

#include "client/contacts/contact_records.h"
#include "result/result.h"
#include "verification/error.h"
#include "verification/party.h"

namespace sotto::client {

struct Self;

enum class VerifyError : std::uint8_t {
  not_registered,
  unknown_contact,    ///< no key of this contact is known here
  key_changed,        ///< comparing digits needs messages, and none are sent until the user decides
  key_not_changed,    ///< no other key than the known one was shown
  no_run,             ///< nothing is being compared with this contact
  not_shown,          ///< there are no digits to say yes or no to yet
  expired,            ///< the run took more than ten minutes, or the clock went back
  not_verified,       ///< withdrawing what is not there
  bad_code,           ///< no verification code
  other_contact,      ///< the code belongs to another conversation
  their_key_differs,  ///< this device holds another key for the contact than the contact shows
  my_key_differs,     ///< the contact holds another key for this account than its own
};
std::string_view describe(VerifyError error);
VerifyError verify_error(verification::VerificationError error);

/// The contact as this device has pinned it. Errors: not_registered, unknown_contact.
struct Known {
  ContactRecord contact;
  verification::Party self;
  verification::Party party;
};
Result<Known, VerifyError> known_contact(store::Database& database, const Self& self,
                                         std::string_view handle);

}  // namespace sotto::client

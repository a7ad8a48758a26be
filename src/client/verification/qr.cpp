#include "client/verification/qr.h"

#include "client/verification/state.h"
#include "verification/contact_qr.h"

namespace sotto::client {

Result<std::string, VerifyError> verification_qr(store::Database& database, const Self& self,
                                                 std::string_view handle) {
  SOTTO_TRY(const Known known, known_contact(database, self, handle));
  return verification::qr_text({.shower = known.self, .reader = known.party});
}

Result<void, VerifyError> verify_by_qr(Work& work, std::string_view handle, std::string_view text) {
  SOTTO_TRY(Known known, known_contact(work.db, work.self, handle));
  const auto code = verification::parse_contact_qr(text);
  if (!code) return err(verify_error(code.error()));
  // Of a contact whose key changed, the code says which of the two is theirs.
  if (known.contact.changed == code->shower.key) known.party.key = code->shower.key;
  const auto verified = verification::compare(*code, known.self, known.party);
  if (!verified) return err(verify_error(verified.error()));
  decide(work, known.contact, verified->contact.key, SyncEvent::ContactVerified::QR);
  return {};
}

Result<void, VerifyError> withdraw_verification(Work& work, std::string_view handle) {
  SOTTO_TRY(const Known known, known_contact(work.db, work.self, handle));
  const auto state = verification_of(known.contact);
  if (state == v1::PINNED_AT_FIRST_CONTACT || state == v1::VERIFICATION_UNSPECIFIED) {
    return err(VerifyError::not_verified);
  }
  decide(work, known.contact, known.party.key, SyncEvent::ContactVerified::WITHDRAWN);
  return {};
}

}  // namespace sotto::client

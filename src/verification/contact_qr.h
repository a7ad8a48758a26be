// The QR code by which contacts compare full fingerprints (docs/specs/verification.md 1). Drawing it is qr/'s
// concern.
#pragma once

#include <string>
#include <string_view>

#include "verification/error.h"
#include "verification/party.h"

namespace sotto::verification {

/// What the one who shows the code holds.
struct ContactQr {
  Party shower;
  Party reader;
};

/// "SOTTO:VERIFY/1/" and base32.
std::string qr_text(const ContactQr& qr);

/// Errors: malformed.
VerificationResult<ContactQr> parse_contact_qr(std::string_view text);

/// Compares a scanned code with what this device holds. Errors: other_contact, their_key_differs,
/// my_key_differs.
VerificationResult<VerifiedContact> compare(const ContactQr& scanned, const Party& self,
                                            const Party& contact);

}  // namespace sotto::verification

// Verifying a contact with a QR code (docs/specs/verification.md 1). Drawing it is qr/'s concern.
#pragma once

#include <string>
#include <string_view>

#include "client/core/work.h"
#include "client/verification/error.h"

namespace sotto::client {

/// The text of the code that the contact scans: both accounts with the keys that this device holds. Reads
/// only.
Result<std::string, VerifyError> verification_qr(store::Database& database, const Self& self,
                                                 std::string_view handle);
/// Compares a code that the contact showed; when it fits, the contact is verified, and of a key that changed
/// the new one is accepted or the known one kept.
Result<void, VerifyError> verify_by_qr(Work& work, std::string_view handle, std::string_view text);
/// Takes a verification back.
Result<void, VerifyError> withdraw_verification(Work& work, std::string_view handle);

}  // namespace sotto::client

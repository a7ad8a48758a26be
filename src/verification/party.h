// The two people of a verification, and its result (docs/specs/verification.md).
#pragma once

#include "crypto/hybrid_signature.h"
#include "identity/ids.h"

namespace sotto::verification {

/// An account and its key: of one's own as they are, of a contact as this device has pinned them.
struct Party {
  identity::AccountId account;
  crypto::Fingerprint key;  ///< fp(AIK)

  friend bool operator==(const Party&, const Party&) = default;
};

enum class VerifiedBy : std::uint8_t { qr = 1, digits = 2 };

/// What the client stores about a contact. Void as soon as the contact's AIK changes.
struct VerifiedContact {
  Party contact;
  VerifiedBy by;

  friend bool operator==(const VerifiedContact&, const VerifiedContact&) = default;
};

}  // namespace sotto::verification

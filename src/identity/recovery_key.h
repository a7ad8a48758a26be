// The public half of an account's recovery key, which can author a manifest when no device is left
// (docs/specs/identity.md 2). Deriving it from the recovery seed is not this file's concern.
#pragma once

#include "bytes/bytes.h"
#include "crypto/hash.h"
#include "crypto/hybrid_signature.h"
#include "crypto/ml_kem.h"
#include "crypto/p256.h"
#include "identity/error.h"

namespace sotto::identity {

/// SHA-256(LBL("rec") || ec33 sign || mldsa1952 || ec33 kem || mlkem1568); all zeros: the account has none.
using RecoveryFingerprint = ByteArray<32>;

struct RecoveryPublicKey {
  static constexpr std::size_t kSize =
      crypto::kHybridPublicKeySize + crypto::kP256PublicKeySize + crypto::MlKem1024::kEncapsulationKeySize;

  crypto::HybridPublicKey signing;
  crypto::P256PublicKey sealing_ec;
  crypto::MlKem1024EncapsulationKey sealing_kem;

  /// ec33 sign || mldsa1952 || ec33 kem || mlkem1568. Errors: malformed.
  static IdentityResult<RecoveryPublicKey> decode(ByteView octets);
  [[nodiscard]] Bytes encoded() const;
  [[nodiscard]] RecoveryFingerprint fingerprint() const;
};

}  // namespace sotto::identity

// What both sides derive from a run (docs/specs/linking.md 3): the transcript, the four keys and what is made
// with them. For the sources of this module.
#pragma once

#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/hybrid_signature.h"
#include "crypto/ml_kem.h"
#include "identity/ids.h"
#include "identity/limits.h"
#include "identity/sealing.h"
#include "linking/link_code.h"
#include "linking/messages.h"

namespace sotto::linking {

inline constexpr std::size_t kConfirmationSize = 48;
/// device16 || DIK_N 1985 || u8 length || name64
inline constexpr std::size_t kDeviceBodySize =
    16 + crypto::kHybridPublicKeySize + 1 + identity::kMaxDeviceName;
inline constexpr std::size_t kDevicePlaintextSize = kDeviceBodySize + crypto::kHybridSignatureSize;
inline constexpr std::size_t kSealedDeviceSize = kDevicePlaintextSize + identity::kSealOverhead;

using NewConfirmKey = crypto::SecretArray<48, struct NewConfirmKeyTag>;
using TrustedConfirmKey = crypto::SecretArray<48, struct TrustedConfirmKeyTag>;
using FromNewKey = crypto::SecretArray<48, struct FromNewKeyTag>;
using FromTrustedKey = crypto::SecretArray<48, struct FromTrustedKeyTag>;

/// Everything both sides have to agree on.
struct Transcript {
  identity::AccountId account;
  crypto::Fingerprint account_key;
  crypto::Fingerprint trusted_key;
  crypto::Fingerprint new_key;
  crypto::Sha384Digest encapsulation_key_hash;
  crypto::Sha384Digest ciphertext_hash;
  ByteArray<crypto::kP256PublicKeySize> new_share;
  ByteArray<crypto::kP256PublicKeySize> trusted_share;

  /// H(TT)
  [[nodiscard]] crypto::Sha384Digest hash() const;
};

class RunKeys {
 public:
  RunKeys(const Transcript& transcript, const crypto::KemSecret& kem, const crypto::Spake2Key& spake2,
          const std::optional<QrSecret>& qr);

  /// HMAC(kc_N, H(TT)) and HMAC(kc_T, H(TT)).
  [[nodiscard]] crypto::Sha384Digest new_confirmation() const;
  [[nodiscard]] crypto::Sha384Digest trusted_confirmation() const;

  /// LBL("link-device") || H(TT) and LBL("link-grant") || H(TT): the headers of the two seals.
  [[nodiscard]] Bytes device_header() const;
  [[nodiscard]] Bytes grant_header() const;
  [[nodiscard]] identity::SealKeys device_seal() const;
  [[nodiscard]] identity::SealKeys grant_seal() const;

 private:
  using Keys = std::tuple<NewConfirmKey, TrustedConfirmKey, FromNewKey, FromTrustedKey>;
  static Keys derive(const crypto::Sha384Digest& hash, const crypto::KemSecret& kem,
                     const crypto::Spake2Key& spake2, const std::optional<QrSecret>& qr);

  crypto::Sha384Digest hash_;
  Keys keys_;
};

/// What the new device signs about itself: header || H(body).
Bytes device_message(ByteView header, ByteView body);

}  // namespace sotto::linking

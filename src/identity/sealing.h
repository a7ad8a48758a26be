// Sealing as link grants, the linking channel and recovery slots share it (docs/specs/identity.md 5): keys
// for one plaintext each, AES-256-CTR, then a MAC over header and ciphertext; and the hybrid KEM that the
// keys of a seal to somebody's public keys come from. What is sealed, and under which labels, is the callers'
// concern.
#pragma once

#include "bytes/encoder.h"
#include "crypto/cipher.h"
#include "crypto/hkdf.h"
#include "crypto/ml_kem.h"
#include "crypto/p256.h"
#include "identity/error.h"

namespace sotto::identity {

using SealMacKey = crypto::SecretArray<48, struct SealMacKeyTag>;

/// enc32 | iv16 | mac48. Good for one plaintext.
struct SealKeys {
  crypto::CipherKey cipher;
  crypto::CipherIv iv;
  SealMacKey mac;
};

/// Expand(prk, info, 96).
template <typename Tag>
SealKeys expand_seal_keys(const crypto::SecretArray<48, Tag>& prk, ByteView info) {
  auto [cipher, iv, mac] = crypto::hkdf_expand<crypto::CipherKey, crypto::CipherIv, SealMacKey>(prk, info);
  return {std::move(cipher), std::move(iv), std::move(mac)};
}

inline constexpr std::size_t kSealTagSize = 32;
/// What a seal adds to a plaintext: the length before it and the tag after it.
inline constexpr std::size_t kSealOverhead = 4 + kSealTagSize;

/// V(C) || tag32, tag = HMAC(mac, LBL("tag") || u32 len(header) || header || u64 len(C) || C)[0:32]. The
/// header is bound, not included.
Bytes seal(const SealKeys& keys, ByteView header, crypto::WipedOctets plaintext);

/// The plaintext of V(C) || tag32. Errors: malformed (lengths, or more than `max_plaintext`), cannot_open.
IdentityResult<crypto::WipedOctets> open_seal(const SealKeys& keys, ByteView header, ByteView sealed,
                                              std::size_t max_plaintext);

/// ek33 || ct1568: what the holder of the private halves needs.
using Capsule = ByteArray<crypto::kP256PublicKeySize + crypto::MlKem1024::kCiphertextSize>;

/// The two secrets that a capsule carries.
struct CapsuleSecrets {
  crypto::KemSecret kem;
  crypto::EcdhSecret ec;

  /// Extract(salt, ss_mlkem || ECDH).
  [[nodiscard]] crypto::PseudorandomKey extract(ByteView salt) const {
    return crypto::hkdf_extract(salt, kem, ec);
  }
};

struct Encapsulated {
  Capsule capsule;
  CapsuleSecrets secrets;
};

/// To both halves at once: whoever opens holds both private keys. Errors: malformed (a key of low order or
/// one that the library refuses).
IdentityResult<Encapsulated> encapsulate(const crypto::P256PublicKey& ec,
                                         const crypto::MlKem1024EncapsulationKey& kem,
                                         crypto::RandomSource& random);

/// Errors: malformed (a point that is none), cannot_open.
IdentityResult<CapsuleSecrets> decapsulate(const crypto::P256PrivateKey& ec,
                                           const crypto::MlKem1024DecapsulationKey& kem,
                                           const Capsule& capsule);

}  // namespace sotto::identity

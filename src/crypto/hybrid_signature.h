// The hybrid signature of SP/1: ECDSA P-256 and ML-DSA-65 over the same octets; both verify or nothing does
// (docs/specs/session-protocol.md 2, 3).
#pragma once

#include <compare>

#include "bytes/bytes.h"
#include "crypto/error.h"
#include "crypto/ml_dsa.h"
#include "crypto/p256.h"
#include "crypto/random.h"
#include "crypto/secret.h"

namespace sotto::crypto {

inline constexpr std::size_t kHybridPublicKeySize = kP256PublicKeySize + kMlDsa65PublicKeySize;   // 1985
inline constexpr std::size_t kHybridSignatureSize = kEcdsaSignatureSize + kMlDsa65SignatureSize;  // 3373

/// ECDSA(m) || ML-DSA(m).
using HybridSignature = ByteArray<kHybridSignatureSize>;
/// P-256 scalar || xi: the stored form of a private key.
using HybridSeed = SecretArray<64, struct HybridSeedTag>;

/// SHA-256(LBL("ik") || ec33 || mldsa1952): the name of an account or device identity key.
class Fingerprint {
 public:
  static constexpr std::size_t kSize = 32;

  /// A fingerprint that was received or stored; it proves nothing by itself.
  static constexpr Fingerprint from_octets(const ByteArray<kSize>& octets) { return Fingerprint(octets); }

  [[nodiscard]] constexpr const ByteArray<kSize>& octets() const { return octets_; }
  friend constexpr auto operator<=>(const Fingerprint&, const Fingerprint&) = default;

 private:
  explicit constexpr Fingerprint(const ByteArray<kSize>& octets) : octets_(octets) {}
  ByteArray<kSize> octets_;
};

/// Both public halves. A value: copies share the parsed forms. Any thread may read.
class HybridPublicKey {
 public:
  /// ec33 || mldsa1952. Errors: wrong_length, invalid_public_key, library_failure.
  static CryptoResult<HybridPublicKey> decode(ByteView octets);

  [[nodiscard]] ByteArray<kHybridPublicKeySize> encoded() const;
  [[nodiscard]] const Fingerprint& fingerprint() const { return fingerprint_; }

  /// The halves, for signatures that carry ML-DSA only when it is due (docs/specs/session-protocol.md 5, 6).
  [[nodiscard]] const P256PublicKey& ecdsa_key() const { return ecdsa_; }
  [[nodiscard]] const MlDsa65PublicKey& ml_dsa_key() const { return ml_dsa_; }

  /// Both halves over exactly `message`, which starts with its label. Errors: wrong_length, bad_signature.
  [[nodiscard]] CryptoResult<void> verify(ByteView message, ByteView signature) const;

  friend bool operator==(const HybridPublicKey& a, const HybridPublicKey& b) {
    return a.ecdsa_ == b.ecdsa_ && a.ml_dsa_ == b.ml_dsa_;
  }

 private:
  friend class HybridPrivateKey;
  HybridPublicKey(P256PublicKey ecdsa, MlDsa65PublicKey ml_dsa);

  P256PublicKey ecdsa_;
  MlDsa65PublicKey ml_dsa_;
  Fingerprint fingerprint_;
};

/// Both private halves. Usable from any thread.
class HybridPrivateKey {
 public:
  static HybridPrivateKey generate(RandomSource& random);
  /// Errors: invalid_private_key.
  static CryptoResult<HybridPrivateKey> from_seed(const HybridSeed& seed);

  /// What from_seed takes, freshly copied.
  [[nodiscard]] HybridSeed seed() const;
  [[nodiscard]] const HybridPublicKey& public_key() const { return public_key_; }
  [[nodiscard]] const P256PrivateKey& ecdsa_key() const { return ecdsa_; }
  [[nodiscard]] const MlDsa65PrivateKey& ml_dsa_key() const { return ml_dsa_; }

  [[nodiscard]] HybridSignature sign(ByteView message, RandomSource& random) const;

 private:
  HybridPrivateKey(P256PrivateKey ecdsa, MlDsa65PrivateKey ml_dsa);

  P256PrivateKey ecdsa_;
  MlDsa65PrivateKey ml_dsa_;
  HybridPublicKey public_key_;
};

/// fp(key) of docs/specs/session-protocol.md 3; key.fingerprint() holds it ready.
inline const Fingerprint& fingerprint(const HybridPublicKey& key) { return key.fingerprint(); }

}  // namespace sotto::crypto

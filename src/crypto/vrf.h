// ECVRF-P256-SHA256-TAI (RFC 9381, suite 0x01): a keyed hash that only the key's owner can compute and
// anybody can check. Classical: a quantum computer finds the key, and with it what the outputs hide.
#pragma once

#include <memory>

#include "bytes/bytes.h"
#include "crypto/error.h"
#include "crypto/p256.h"
#include "crypto/random.h"
#include "crypto/secret.h"

struct ec_point_st;  // OpenSSL's EC_POINT

namespace sotto::crypto {

inline constexpr std::size_t kVrfProofSize = 81;

/// pi: Gamma (33) || c (16) || s (32).
using VrfProof = ByteArray<kVrfProofSize>;
/// beta: SHA-256 over Gamma; equal for every valid proof of one input under one key.
using VrfOutput = ByteArray<32>;
using VrfScalar = SecretArray<32, struct VrfScalarTag>;

/// beta of a proof that is known to be valid, because one made or verified it (RFC 9381 5.2). Proves nothing.
VrfOutput vrf_output(const VrfProof& proof);

/// A point on the curve that is not the identity. A value: copies share the parsed form. Any thread may read.
class VrfPublicKey {
 public:
  /// Full key validation (RFC 9381 5.4.5): 33 octets, compressed, on the curve; the cofactor is 1 and no
  /// 33-octet form encodes the identity. Errors: wrong_length, invalid_public_key.
  static CryptoResult<VrfPublicKey> decode(ByteView sec1);

  [[nodiscard]] const ByteArray<kP256PublicKeySize>& encoded() const { return encoded_; }

  /// RFC 9381 5.3. Everything here is public, so the time may depend on it. Errors: wrong_length (proof),
  /// bad_signature.
  [[nodiscard]] CryptoResult<VrfOutput> verify(ByteView alpha, ByteView proof) const;

  friend bool operator==(const VrfPublicKey& a, const VrfPublicKey& b) { return a.encoded_ == b.encoded_; }

 private:
  friend class VrfPrivateKey;
  VrfPublicKey(const ByteArray<kP256PublicKeySize>& encoded, std::shared_ptr<const ec_point_st> point)
      : encoded_(encoded), point_(std::move(point)) {}

  ByteArray<kP256PublicKeySize> encoded_;
  std::shared_ptr<const ec_point_st> point_;
};

/// A scalar in [1, n-1]. Usable from any thread.
class VrfPrivateKey {
 public:
  /// Uniform by rejection: 32 octets of `random` per try.
  static VrfPrivateKey generate(RandomSource& random);
  /// Errors: invalid_private_key.
  static CryptoResult<VrfPrivateKey> from_scalar(VrfScalar scalar);

  [[nodiscard]] const VrfPublicKey& public_key() const { return public_key_; }
  /// What from_scalar takes.
  [[nodiscard]] const VrfScalar& scalar() const { return scalar_; }

  /// RFC 9381 5.1; deterministic, the nonce is RFC 6979's. Time depends on alpha (the hash to the curve tries
  /// and increments), which the caller knows to be no secret from whoever can measure it, and not on the key
  /// or the nonce (tests/constant_time).
  [[nodiscard]] VrfProof prove(ByteView alpha) const;

 private:
  VrfPrivateKey(VrfScalar scalar, VrfPublicKey public_key)
      : scalar_(std::move(scalar)), public_key_(std::move(public_key)) {}

  VrfScalar scalar_;
  VrfPublicKey public_key_;
};

}  // namespace sotto::crypto

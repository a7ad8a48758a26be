// NIST P-256: ECDH (SP 800-56A) and ECDSA with SHA-256 (FIPS 186-5), in the one encoding SP/1 allows for each
// (docs/specs/session-protocol.md 2).
#pragma once

#include <compare>
#include <initializer_list>

#include "bytes/bytes.h"
#include "crypto/error.h"
#include "crypto/pkey.h"
#include "crypto/random.h"
#include "crypto/secret.h"

namespace sotto::crypto {

inline constexpr std::size_t kP256PublicKeySize = 33;
inline constexpr std::size_t kEcdsaSignatureSize = 64;

/// A private scalar, big-endian.
using P256Scalar = SecretArray<32, struct P256ScalarTag>;
/// The x coordinate of the shared point.
using EcdhSecret = SecretArray<32, struct EcdhSecretTag>;
/// r || s, both 32 octets big-endian, s at most half the group order.
using EcdsaSignature = ByteArray<kEcdsaSignatureSize>;

/// A point on the curve that is not the identity. A value: copies share the parsed form. Any thread may read.
class P256PublicKey {
 public:
  /// Accepts exactly the 33 octets of SEC1 2.3.3 compressed form with x below the field prime and on the
  /// curve. Errors: wrong_length, invalid_public_key.
  static CryptoResult<P256PublicKey> decode(ByteView sec1);

  [[nodiscard]] const ByteArray<kP256PublicKeySize>& encoded() const { return encoded_; }

  friend bool operator==(const P256PublicKey& a, const P256PublicKey& b) { return a.encoded_ == b.encoded_; }
  friend auto operator<=>(const P256PublicKey& a, const P256PublicKey& b) {
    return a.encoded_ <=> b.encoded_;
  }

 private:
  friend class P256PrivateKey;
  friend CryptoResult<void> ecdsa_verify(const P256PublicKey&, std::initializer_list<ByteView>, ByteView);
  P256PublicKey(const ByteArray<kP256PublicKeySize>& encoded, PublicPkey pkey)
      : encoded_(encoded), pkey_(std::move(pkey)) {}

  ByteArray<kP256PublicKeySize> encoded_;
  PublicPkey pkey_;
};

/// A scalar in [1, n-1] with its public key. Usable from any thread, one call or many.
class P256PrivateKey {
 public:
  /// Uniform by rejection: 32 octets of `random` per try.
  static P256PrivateKey generate(RandomSource& random);
  /// Errors: invalid_private_key.
  static CryptoResult<P256PrivateKey> from_scalar(P256Scalar scalar);

  [[nodiscard]] const P256PublicKey& public_key() const { return public_key_; }
  /// What from_scalar takes.
  [[nodiscard]] const P256Scalar& scalar() const { return scalar_; }

  /// The x coordinate of scalar * peer. Errors: degenerate_secret, library_failure.
  [[nodiscard]] CryptoResult<EcdhSecret> ecdh(const P256PublicKey& peer) const;

  /// ECDSA over SHA-256 of the concatenated parts, low-s. Deterministic (RFC 6979 3.2): the same key and
  /// message give the same octets, which whole-system replay needs. OpenSSL has no way to mix randomness of
  /// the caller into the nonce, so there is no hedging against fault attacks here; the ML-DSA half of a
  /// hybrid is hedged.
  [[nodiscard]] EcdsaSignature sign(std::initializer_list<ByteView> message) const;
  [[nodiscard]] EcdsaSignature sign(ByteView message) const { return sign({message}); }

 private:
  P256PrivateKey(P256Scalar scalar, P256PublicKey public_key, PrivatePkey pkey)
      : scalar_(std::move(scalar)), public_key_(std::move(public_key)), pkey_(std::move(pkey)) {}

  P256Scalar scalar_;
  P256PublicKey public_key_;
  PrivatePkey pkey_;
};

/// Errors: wrong_length when the signature is not 64 octets; bad_signature when it does not verify or s is
/// over half the group order (such a signature has a twin, and we accept one encoding only).
CryptoResult<void> ecdsa_verify(const P256PublicKey& key, std::initializer_list<ByteView> message,
                                ByteView signature);
inline CryptoResult<void> ecdsa_verify(const P256PublicKey& key, ByteView message, ByteView signature) {
  return ecdsa_verify(key, {message}, signature);
}

/// ECDH as a free function: ecdh(mine, theirs).
inline CryptoResult<EcdhSecret> ecdh(const P256PrivateKey& mine, const P256PublicKey& peer) {
  return mine.ecdh(peer);
}

}  // namespace sotto::crypto

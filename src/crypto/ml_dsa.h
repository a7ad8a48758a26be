// ML-DSA-65 (FIPS 204), hedged signing. In SP/1 it appears alone only where a signature's ECDSA half is
// separate (docs/specs/session-protocol.md 5); everything else uses hybrid_signature.h.
#pragma once

#include <string_view>

#include "bytes/bytes.h"
#include "crypto/error.h"
#include "crypto/pkey.h"
#include "crypto/random.h"
#include "crypto/secret.h"

namespace sotto::crypto {

inline constexpr std::size_t kMlDsa65PublicKeySize = 1952;
inline constexpr std::size_t kMlDsa65SignatureSize = 3309;

/// The context string of every SP/1 signature (docs/specs/session-protocol.md 2).
inline constexpr std::string_view kSignatureContext = "sp1";

/// xi of FIPS 204 5.1: the stored form of a private key.
using MlDsa65Seed = SecretArray<32, struct MlDsa65SeedTag>;
using MlDsa65Signature = ByteArray<kMlDsa65SignatureSize>;

/// A public key. A value: copies share the parsed form. Any thread may read.
class MlDsa65PublicKey {
 public:
  /// Every string of 1952 octets is a public key. Errors: wrong_length, library_failure.
  static CryptoResult<MlDsa65PublicKey> decode(ByteView octets);

  [[nodiscard]] const ByteArray<kMlDsa65PublicKeySize>& encoded() const { return encoded_; }

  /// FIPS 204 5.3. Errors: wrong_length (signature), bad_signature (also for a context over 255 octets).
  [[nodiscard]] CryptoResult<void> verify(ByteView message, ByteView signature,
                                          ByteView context = as_bytes(kSignatureContext)) const;

  friend bool operator==(const MlDsa65PublicKey& a, const MlDsa65PublicKey& b) {
    return a.encoded_ == b.encoded_;
  }

 private:
  friend class MlDsa65PrivateKey;
  MlDsa65PublicKey(const ByteArray<kMlDsa65PublicKeySize>& encoded, PublicPkey pkey)
      : encoded_(encoded), pkey_(std::move(pkey)) {}

  ByteArray<kMlDsa65PublicKeySize> encoded_;
  PublicPkey pkey_;
};

/// A private key: its seed and the expanded form. Usable from any thread.
class MlDsa65PrivateKey {
 public:
  static MlDsa65PrivateKey generate(RandomSource& random);
  static MlDsa65PrivateKey from_seed(MlDsa65Seed seed);

  /// What from_seed takes.
  [[nodiscard]] const MlDsa65Seed& seed() const { return seed_; }
  [[nodiscard]] const MlDsa65PublicKey& public_key() const { return public_key_; }

  /// FIPS 204 5.2, the hedged variant with rnd = 32 octets of `random`. Precondition: context.size() <= 255.
  [[nodiscard]] MlDsa65Signature sign(ByteView message, RandomSource& random,
                                      ByteView context = as_bytes(kSignatureContext)) const;

 private:
  MlDsa65PrivateKey(MlDsa65Seed seed, MlDsa65PublicKey public_key, PrivatePkey pkey)
      : seed_(std::move(seed)), public_key_(std::move(public_key)), pkey_(std::move(pkey)) {}

  MlDsa65Seed seed_;
  MlDsa65PublicKey public_key_;
  PrivatePkey pkey_;
};

}  // namespace sotto::crypto

#include "crypto/hybrid_signature.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "crypto/hash.h"
#include "crypto/primitives.h"

namespace sotto::crypto {
namespace {

template <std::size_t N, std::size_t M>
ByteArray<N + M> joined(const ByteArray<N>& first, const ByteArray<M>& second) {
  ByteArray<N + M> out;
  std::ranges::copy(second, std::ranges::copy(first, out.begin()).out);
  return out;
}

Fingerprint fingerprint_of(const P256PublicKey& ecdsa, const MlDsa65PublicKey& ml_dsa) {
  Encoder label;
  label.label("ik");
  return Fingerprint::from_octets(sha256({label.view(), ecdsa.encoded(), ml_dsa.encoded()}));
}

}  // namespace

HybridPublicKey::HybridPublicKey(P256PublicKey ecdsa, MlDsa65PublicKey ml_dsa)
    : ecdsa_(std::move(ecdsa)), ml_dsa_(std::move(ml_dsa)), fingerprint_(fingerprint_of(ecdsa_, ml_dsa_)) {}

CryptoResult<HybridPublicKey> HybridPublicKey::decode(ByteView octets) {
  if (octets.size() != kHybridPublicKeySize) return err(CryptoError::wrong_length);
  SOTTO_TRY(P256PublicKey ecdsa, P256PublicKey::decode(octets.first(kP256PublicKeySize)));
  SOTTO_TRY(MlDsa65PublicKey ml_dsa, MlDsa65PublicKey::decode(octets.subspan(kP256PublicKeySize)));
  return HybridPublicKey(std::move(ecdsa), std::move(ml_dsa));
}

ByteArray<kHybridPublicKeySize> HybridPublicKey::encoded() const {
  return joined(ecdsa_.encoded(), ml_dsa_.encoded());
}

CryptoResult<void> HybridPublicKey::verify(ByteView message, ByteView signature) const {
  if (signature.size() != kHybridSignatureSize) return err(CryptoError::wrong_length);
  SOTTO_CHECK_OK(ecdsa_verify(ecdsa_, message, signature.first(kEcdsaSignatureSize)));
  return ml_dsa_.verify(message, signature.subspan(kEcdsaSignatureSize));
}

HybridPrivateKey::HybridPrivateKey(P256PrivateKey ecdsa, MlDsa65PrivateKey ml_dsa)
    : ecdsa_(std::move(ecdsa)),
      ml_dsa_(std::move(ml_dsa)),
      public_key_(ecdsa_.public_key(), ml_dsa_.public_key()) {}

HybridPrivateKey HybridPrivateKey::generate(RandomSource& random) {
  P256PrivateKey ecdsa = P256PrivateKey::generate(random);
  return {std::move(ecdsa), MlDsa65PrivateKey::generate(random)};
}

CryptoResult<HybridPrivateKey> HybridPrivateKey::from_seed(const HybridSeed& seed) {
  const ByteView octets = Primitives::view(seed);
  SOTTO_TRY(P256PrivateKey ecdsa,
            P256PrivateKey::from_scalar(P256Scalar::copy_of(octets.first(P256Scalar::kSize))));
  return HybridPrivateKey(std::move(ecdsa), MlDsa65PrivateKey::from_seed(
                                                MlDsa65Seed::copy_of(octets.subspan(P256Scalar::kSize))));
}

HybridSeed HybridPrivateKey::seed() const {
  auto out = Primitives::blank<HybridSeed>();
  const MutableByteView octets = Primitives::writable(out);
  std::ranges::copy(Primitives::view(ecdsa_.scalar()), octets.begin());
  std::ranges::copy(Primitives::view(ml_dsa_.seed()), octets.subspan(P256Scalar::kSize).begin());
  return out;
}

HybridSignature HybridPrivateKey::sign(ByteView message, RandomSource& random) const {
  return joined(ecdsa_.sign(message), ml_dsa_.sign(message, random));
}

}  // namespace sotto::crypto

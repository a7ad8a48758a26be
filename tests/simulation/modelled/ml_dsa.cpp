#include "crypto/ml_dsa.h"

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/primitives.h"

namespace sotto::crypto {
namespace {

constexpr std::size_t kRandomSize = 32;

/// rnd || H(key, rnd, context, message) || zeros.
MlDsa65Signature signature_of(ByteView key, ByteView rnd, ByteView message, ByteView context) {
  MlDsa65Signature out{};
  const Sha256Digest proof = sha256({key, rnd, context, message});
  std::ranges::copy(proof, std::ranges::copy(rnd, out.begin()).out);
  return out;
}

}  // namespace

CryptoResult<MlDsa65PublicKey> MlDsa65PublicKey::decode(ByteView octets) {
  if (octets.size() != kMlDsa65PublicKeySize) return err(CryptoError::wrong_length);
  return MlDsa65PublicKey(to_array<kMlDsa65PublicKeySize>(octets), PublicPkey());
}

CryptoResult<void> MlDsa65PublicKey::verify(ByteView message, ByteView signature, ByteView context) const {
  if (signature.size() != kMlDsa65SignatureSize) return err(CryptoError::wrong_length);
  const auto expected = signature_of(encoded_, signature.first(kRandomSize), message, context);
  if (!equal(signature, expected)) return err(CryptoError::bad_signature);
  return {};
}

MlDsa65PrivateKey MlDsa65PrivateKey::generate(RandomSource& random) {
  return from_seed(random_secret<MlDsa65Seed>(random));
}

MlDsa65PrivateKey MlDsa65PrivateKey::from_seed(MlDsa65Seed seed) {
  ByteArray<kMlDsa65PublicKeySize> encoded{};
  std::ranges::copy(sha256(Primitives::view(seed)), encoded.begin());
  return MlDsa65PrivateKey(std::move(seed), MlDsa65PublicKey(encoded, PublicPkey()), PrivatePkey());
}

MlDsa65Signature MlDsa65PrivateKey::sign(ByteView message, RandomSource& random, ByteView context) const {
  return signature_of(public_key_.encoded(), random.array<kRandomSize>(), message, context);
}

}  // namespace sotto::crypto

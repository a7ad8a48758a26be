#include "crypto/p256.h"

#include <algorithm>

#include "crypto/hash.h"
#include "marker.h"

extern "C" const char sotto_modelled_primitives[] = "these primitives keep no secrets";

namespace sotto::crypto {
namespace {

/// Where a modelled object needs no key of OpenSSL's.
const PublicPkey kNoPublicPkey;

EcdsaSignature signature_of(const P256PublicKey& key, std::initializer_list<ByteView> message) {
  const Sha256Digest r = sha256({key.encoded(), sha256(message)});
  Sha256Digest s = sha256(r);
  s[0] &= 0x7f;  // low
  EcdsaSignature out;
  std::ranges::copy(s, std::ranges::copy(r, out.begin()).out);
  return out;
}

}  // namespace

CryptoResult<P256PublicKey> P256PublicKey::decode(ByteView sec1) {
  if (sec1.size() != kP256PublicKeySize) return err(CryptoError::wrong_length);
  if (sec1[0] != 2 && sec1[0] != 3) return err(CryptoError::invalid_public_key);
  return P256PublicKey(to_array<kP256PublicKeySize>(sec1), kNoPublicPkey);
}

P256PrivateKey P256PrivateKey::generate(RandomSource& random) {
  auto key = from_scalar(random_secret<P256Scalar>(random));
  SOTTO_CHECK(key.has_value());
  return *std::move(key);
}

CryptoResult<P256PrivateKey> P256PrivateKey::from_scalar(P256Scalar scalar) {
  const ByteView octets = Primitives::view(scalar);
  if (std::ranges::all_of(octets, [](std::uint8_t octet) { return octet == 0; }))
    return err(CryptoError::invalid_private_key);
  ByteArray<kP256PublicKeySize> encoded{2};
  std::ranges::copy(sha256(octets), encoded.begin() + 1);
  return P256PrivateKey(std::move(scalar), P256PublicKey(encoded, kNoPublicPkey), PrivatePkey());
}

CryptoResult<EcdhSecret> P256PrivateKey::ecdh(const P256PublicKey& peer) const {
  const auto& [low, high] = std::minmax(public_key_.encoded(), peer.encoded());
  return EcdhSecret::copy_of(sha256({low, high}));
}

EcdsaSignature P256PrivateKey::sign(std::initializer_list<ByteView> message) const {
  return signature_of(public_key_, message);
}

CryptoResult<void> ecdsa_verify(const P256PublicKey& key, std::initializer_list<ByteView> message,
                                ByteView signature) {
  if (signature.size() != kEcdsaSignatureSize) return err(CryptoError::wrong_length);
  if (!equal(signature, signature_of(key, message))) return err(CryptoError::bad_signature);
  return {};
}

}  // namespace sotto::crypto

#include "crypto/ml_kem.h"

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/primitives.h"

namespace sotto::crypto {
namespace {

constexpr std::size_t kDigest = 32;

/// Keys and ciphertexts are a few hashes and zeros: the sizes are those of the standard.
bool zero_from(ByteView octets, std::size_t begin) {
  return std::ranges::all_of(octets.subspan(begin), [](std::uint8_t octet) { return octet == 0; });
}

Sha256Digest proof_of(ByteView key, ByteView m) { return sha256({as_bytes("ct"), key.first(kDigest), m}); }
Sha256Digest secret_of(ByteView key, ByteView m) { return sha256({as_bytes("ss"), key.first(kDigest), m}); }

}  // namespace

template <typename Parameters>
CryptoResult<EncapsulationKey<Parameters>> EncapsulationKey<Parameters>::decode(ByteView octets) {
  if (octets.size() != Parameters::kEncapsulationKeySize) return err(CryptoError::wrong_length);
  if (!zero_from(octets, kDigest)) return err(CryptoError::invalid_public_key);
  return EncapsulationKey(to_array<Parameters::kEncapsulationKeySize>(octets), PublicPkey());
}

template <typename Parameters>
CryptoResult<Encapsulation<Parameters>> EncapsulationKey<Parameters>::encapsulate(
    RandomSource& random) const {
  const auto m = random.array<kDigest>();
  Encapsulation<Parameters> out{.ciphertext = {}, .secret = KemSecret::copy_of(secret_of(encoded_, m))};
  std::ranges::copy(proof_of(encoded_, m), std::ranges::copy(m, out.ciphertext.begin()).out);
  return out;
}

template <typename Parameters>
DecapsulationKey<Parameters> DecapsulationKey<Parameters>::generate(RandomSource& random) {
  return from_seed(random_secret<MlKemSeed<Parameters>>(random));
}

template <typename Parameters>
DecapsulationKey<Parameters> DecapsulationKey<Parameters>::from_seed(MlKemSeed<Parameters> seed) {
  typename EncapsulationKey<Parameters>::Encoded encoded{};
  std::ranges::copy(sha256(Primitives::view(seed)), encoded.begin());
  return DecapsulationKey(std::move(seed), encoded, PrivatePkey());
}

template <typename Parameters>
CryptoResult<KemSecret> DecapsulationKey<Parameters>::decapsulate(ByteView ciphertext) const {
  if (ciphertext.size() != Parameters::kCiphertextSize) return err(CryptoError::wrong_length);
  const ByteView m = ciphertext.first(kDigest);
  const bool ours = equal(ciphertext.subspan(kDigest, kDigest), proof_of(encapsulation_key_, m)) &&
                    zero_from(ciphertext, 2 * kDigest);
  // Implicit rejection: a secret that nobody else has.
  return KemSecret::copy_of(ours ? secret_of(encapsulation_key_, m)
                                 : sha256({Primitives::view(seed_), ciphertext}));
}

template class EncapsulationKey<MlKem768>;
template class EncapsulationKey<MlKem1024>;
template class DecapsulationKey<MlKem768>;
template class DecapsulationKey<MlKem1024>;

}  // namespace sotto::crypto

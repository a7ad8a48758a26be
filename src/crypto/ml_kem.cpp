#include "crypto/ml_kem.h"

#include "crypto/declassify.h"
#include "crypto/openssl.h"
#include "crypto/primitives.h"

namespace sotto::crypto {
namespace {

PrivatePkey expand_seed(const char* name, ByteView seed) {
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, name, nullptr));
  const OSSL_PARAM params[] = {octets_param(OSSL_PKEY_PARAM_ML_KEM_SEED, seed), OSSL_PARAM_construct_end()};
  EVP_PKEY* pkey = nullptr;
  // Generation with a given seed, because importing one costs twice as much again: OpenSSL then tests the
  // pair.
  SOTTO_CHECK(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
              EVP_PKEY_CTX_set_params(context.get(), params) == 1 &&
              EVP_PKEY_generate(context.get(), &pkey) == 1);
  return PrivatePkey(pkey);
}

}  // namespace

template <typename Parameters>
CryptoResult<EncapsulationKey<Parameters>> EncapsulationKey<Parameters>::decode(ByteView octets) {
  if (octets.size() != Parameters::kEncapsulationKeySize) return err(CryptoError::wrong_length);
  PublicPkey pkey = PrivatePkey(
      EVP_PKEY_new_raw_public_key_ex(nullptr, Parameters::kName, nullptr, octets.data(), octets.size()));
  if (!pkey) return failed(CryptoError::invalid_public_key);
  return EncapsulationKey(to_array<Parameters::kEncapsulationKeySize>(octets), std::move(pkey));
}

template <typename Parameters>
CryptoResult<Encapsulation<Parameters>> EncapsulationKey<Parameters>::encapsulate(
    RandomSource& random) const {
  const auto m = random_secret<SecretArray<32, struct EncapsulationEntropyTag>>(random);
  const OSSL_PARAM params[] = {octets_param(OSSL_KEM_PARAM_IKME, Primitives::view(m)),
                               OSSL_PARAM_construct_end()};
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey_.get(), nullptr));
  Encapsulation<Parameters> out{.ciphertext = {}, .secret = Primitives::blank<KemSecret>()};
  std::size_t ciphertext_size = out.ciphertext.size();
  const MutableByteView secret = Primitives::writable(out.secret);
  std::size_t secret_size = secret.size();
  if (!context || EVP_PKEY_encapsulate_init(context.get(), params) != 1 ||
      EVP_PKEY_encapsulate(context.get(), out.ciphertext.data(), &ciphertext_size, secret.data(),
                           &secret_size) != 1) {
    return failed(CryptoError::library_failure);
  }
  SOTTO_CHECK(ciphertext_size == out.ciphertext.size() && secret_size == secret.size());
  declassify(out.ciphertext);  // travels in the clear
  return out;
}

template <typename Parameters>
DecapsulationKey<Parameters> DecapsulationKey<Parameters>::generate(RandomSource& random) {
  return from_seed(random_secret<MlKemSeed<Parameters>>(random));
}

template <typename Parameters>
DecapsulationKey<Parameters> DecapsulationKey<Parameters>::from_seed(MlKemSeed<Parameters> seed) {
  PrivatePkey pkey = expand_seed(Parameters::kName, Primitives::view(seed));
  typename EncapsulationKey<Parameters>::Encoded encoded;
  std::size_t size = encoded.size();
  SOTTO_CHECK(EVP_PKEY_get_raw_public_key(pkey.get(), encoded.data(), &size) == 1 && size == encoded.size());
  declassify(encoded);  // the public key
  return DecapsulationKey(std::move(seed), encoded, std::move(pkey));
}

template <typename Parameters>
CryptoResult<KemSecret> DecapsulationKey<Parameters>::decapsulate(ByteView ciphertext) const {
  if (ciphertext.size() != Parameters::kCiphertextSize) return err(CryptoError::wrong_length);
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey_.get(), nullptr));
  auto out = Primitives::blank<KemSecret>();
  const MutableByteView secret = Primitives::writable(out);
  std::size_t size = secret.size();
  if (!context || EVP_PKEY_decapsulate_init(context.get(), nullptr) != 1 ||
      EVP_PKEY_decapsulate(context.get(), secret.data(), &size, ciphertext.data(), ciphertext.size()) != 1) {
    return failed(CryptoError::library_failure);
  }
  SOTTO_CHECK(size == secret.size());
  return out;
}

template class EncapsulationKey<MlKem768>;
template class EncapsulationKey<MlKem1024>;
template class DecapsulationKey<MlKem768>;
template class DecapsulationKey<MlKem1024>;

}  // namespace sotto::crypto

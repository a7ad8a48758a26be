#include "crypto/ml_dsa.h"

#include "crypto/declassify.h"
#include "crypto/openssl.h"
#include "crypto/primitives.h"

namespace sotto::crypto {
namespace {

constexpr const char* kName = "ML-DSA-65";
constexpr std::size_t kMaxContext = 255;  // FIPS 204 5.2

EVP_SIGNATURE* algorithm() {
  static EVP_SIGNATURE* const kAlgorithm = EVP_SIGNATURE_fetch(nullptr, kName, nullptr);
  return kAlgorithm;
}

}  // namespace

CryptoResult<MlDsa65PublicKey> MlDsa65PublicKey::decode(ByteView octets) {
  if (octets.size() != kMlDsa65PublicKeySize) return err(CryptoError::wrong_length);
  PublicPkey pkey =
      PrivatePkey(EVP_PKEY_new_raw_public_key_ex(nullptr, kName, nullptr, octets.data(), octets.size()));
  if (!pkey) return failed(CryptoError::library_failure);
  return MlDsa65PublicKey(to_array<kMlDsa65PublicKeySize>(octets), std::move(pkey));
}

CryptoResult<void> MlDsa65PublicKey::verify(ByteView message, ByteView signature, ByteView context) const {
  if (signature.size() != kMlDsa65SignatureSize) return err(CryptoError::wrong_length);
  if (context.size() > kMaxContext) return err(CryptoError::bad_signature);
  const OSSL_PARAM params[] = {octets_param(OSSL_SIGNATURE_PARAM_CONTEXT_STRING, context),
                               OSSL_PARAM_construct_end()};
  const PkeyContext operation(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey_.get(), nullptr));
  if (!operation || EVP_PKEY_verify_message_init(operation.get(), algorithm(), params) != 1) {
    return failed(CryptoError::library_failure);
  }
  if (EVP_PKEY_verify(operation.get(), signature.data(), signature.size(), data_of(message),
                      message.size()) != 1) {
    return failed(CryptoError::bad_signature);
  }
  return {};
}

MlDsa65PrivateKey MlDsa65PrivateKey::generate(RandomSource& random) {
  return from_seed(random_secret<MlDsa65Seed>(random));
}

MlDsa65PrivateKey MlDsa65PrivateKey::from_seed(MlDsa65Seed seed) {
  const PkeyContext operation(EVP_PKEY_CTX_new_from_name(nullptr, kName, nullptr));
  OSSL_PARAM params[] = {octets_param(OSSL_PKEY_PARAM_ML_DSA_SEED, Primitives::view(seed)),
                         OSSL_PARAM_construct_end()};
  EVP_PKEY* made = nullptr;
  SOTTO_CHECK(operation && EVP_PKEY_fromdata_init(operation.get()) == 1 &&
              EVP_PKEY_fromdata(operation.get(), &made, EVP_PKEY_KEYPAIR, params) == 1);
  PrivatePkey pkey(made);
  ByteArray<kMlDsa65PublicKeySize> encoded;
  std::size_t size = encoded.size();
  SOTTO_CHECK(EVP_PKEY_get_raw_public_key(pkey.get(), encoded.data(), &size) == 1 && size == encoded.size());
  declassify(encoded);  // the public key
  auto public_key = MlDsa65PublicKey::decode(encoded);
  SOTTO_CHECK(public_key.has_value());
  return MlDsa65PrivateKey(std::move(seed), std::move(*public_key), std::move(pkey));
}

MlDsa65Signature MlDsa65PrivateKey::sign(ByteView message, RandomSource& random, ByteView context) const {
  SOTTO_CHECK(context.size() <= kMaxContext);
  // OpenSSL calls handed-in rnd "test entropy"; FIPS 204 algorithm 2 does not care who draws it.
  const auto rnd = random_secret<SecretArray<32, struct SigningEntropyTag>>(random);
  const OSSL_PARAM params[] = {octets_param(OSSL_SIGNATURE_PARAM_CONTEXT_STRING, context),
                               octets_param(OSSL_SIGNATURE_PARAM_TEST_ENTROPY, Primitives::view(rnd)),
                               OSSL_PARAM_construct_end()};
  const PkeyContext operation(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey_.get(), nullptr));
  MlDsa65Signature out;
  std::size_t size = out.size();
  SOTTO_CHECK(operation && EVP_PKEY_sign_message_init(operation.get(), algorithm(), params) == 1 &&
              EVP_PKEY_sign(operation.get(), out.data(), &size, data_of(message), message.size()) == 1 &&
              size == out.size());
  declassify(out);  // a signature is made to be shown
  return out;
}

}  // namespace sotto::crypto

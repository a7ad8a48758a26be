// What the sources of this module share of OpenSSL: owners for its objects and one way to fail. Never
// included by a header that other modules see.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>

#include "bytes/bytes.h"
#include "crypto/error.h"
#include "result/check.h"

namespace sotto::crypto {

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Deleter<EVP_KDF_CTX_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using SecretBigNumber = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
using BigNumberContext = std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>>;
using CurvePoint = std::unique_ptr<EC_POINT, Deleter<EC_POINT_free>>;
using EcdsaParts = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;

/// Empties OpenSSL's per-thread error queue, which would otherwise surface in some later TLS call, and gives
/// the error back: `return failed(CryptoError::bad_signature);`.
inline std::unexpected<CryptoError> failed(CryptoError error) {
  ERR_clear_error();
  return err(error);
}

/// OpenSSL takes a null pointer for "absent", not for "empty".
inline const std::uint8_t* data_of(ByteView octets) {
  static constexpr std::uint8_t kNothing = 0;
  return octets.empty() ? &kNothing : octets.data();
}

/// OSSL_PARAM has no const form; OpenSSL only reads input parameters.
inline OSSL_PARAM octets_param(const char* name, ByteView octets) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(data_of(octets)), octets.size());
}
inline OSSL_PARAM text_param(const char* name, const char* text) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(text), 0);
}

}  // namespace sotto::crypto

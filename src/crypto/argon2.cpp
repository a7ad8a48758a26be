#include "crypto/argon2.h"

#include <openssl/thread.h>

#include <algorithm>
#include <thread>

#include "crypto/openssl.h"
#include "crypto/primitives.h"

namespace sotto::crypto {
namespace {

constexpr std::size_t kMinimumSalt = 8;  // RFC 9106 3.1

CryptoResult<void> check(const Argon2Parameters& parameters) {
  if (parameters.memory_kib > kArgon2Limits.memory_kib) return err(CryptoError::out_of_memory);
  if (parameters.iterations == 0 || parameters.iterations > kArgon2Limits.iterations ||
      parameters.lanes == 0 || parameters.lanes > kArgon2Limits.lanes ||
      parameters.memory_kib < 8 * parameters.lanes) {
    return err(CryptoError::library_failure);
  }
  return {};
}

/// Lanes are there to be filled side by side: as many at a time as there are processors. 1 where OpenSSL was
/// built without threads.
std::uint32_t threads_for(std::uint32_t lanes) {
  static const std::uint32_t kProcessors = [] {
    const std::uint32_t wanted = std::clamp(std::thread::hardware_concurrency(), 1U, kArgon2Limits.lanes);
    return OSSL_set_max_threads(nullptr, wanted) == 1 ? wanted : 1;
  }();
  return std::min(lanes, kProcessors);
}

bool ran_out_of_memory() {
  while (const unsigned long code = ERR_get_error()) {
    if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE) return true;
  }
  return false;
}

CryptoResult<void> derive(ByteView passphrase, ByteView salt, const Argon2Parameters& parameters,
                          std::uint32_t threads, MutableByteView out) {
  static EVP_KDF* const kAlgorithm = EVP_KDF_fetch(nullptr, "ARGON2ID", nullptr);
  const KdfContext context(EVP_KDF_CTX_new(kAlgorithm));
  if (!context) return failed(CryptoError::out_of_memory);
  std::uint32_t memory = parameters.memory_kib;
  std::uint32_t iterations = parameters.iterations;
  std::uint32_t lanes = parameters.lanes;
  const OSSL_PARAM params[] = {octets_param(OSSL_KDF_PARAM_PASSWORD, passphrase),
                               octets_param(OSSL_KDF_PARAM_SALT, salt),
                               OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_MEMCOST, &memory),
                               OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &iterations),
                               OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_LANES, &lanes),
                               OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_THREADS, &threads),
                               OSSL_PARAM_construct_end()};
  ERR_clear_error();
  if (EVP_KDF_derive(context.get(), out.data(), out.size(), params) != 1) {
    return failed(ran_out_of_memory() ? CryptoError::out_of_memory : CryptoError::library_failure);
  }
  return {};
}

}  // namespace

CryptoResult<PassphraseKey> argon2id(ByteView passphrase, ByteView salt, const Argon2Parameters& parameters) {
  if (salt.size() < kMinimumSalt) return err(CryptoError::wrong_length);
  SOTTO_CHECK_OK(check(parameters));
  auto out = Primitives::blank<PassphraseKey>();
  const MutableByteView octets = Primitives::writable(out);
  const std::uint32_t threads = threads_for(parameters.lanes);
  auto derived = derive(passphrase, salt, parameters, threads, octets);
  // Where no thread can be started, this one does it alone.
  if (!derived && threads > 1) derived = derive(passphrase, salt, parameters, 1, octets);
  SOTTO_CHECK_OK(derived);
  return out;
}

CryptoResult<PassphraseKey> argon2id(const SecretBytes& passphrase, const Argon2Salt& salt,
                                     const Argon2Parameters& parameters) {
  return argon2id(Primitives::view(passphrase), salt, parameters);
}

}  // namespace sotto::crypto

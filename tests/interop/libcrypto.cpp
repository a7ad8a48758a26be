// Makes OpenSSL's libcrypto callable from Python: a shared object with one exported function that finds
// others by name.
//
// Debian 12's shared libcrypto has no ML-KEM and ML-DSA, and the one that tools/deps builds is an archive of
// hidden symbols, which ctypes cannot open. Nothing of Sotto is in here: the Python side shares no code with
// src/crypto.
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace {

struct Entry {
  std::string_view name;
  void* function;
};

#define SOTTO_ENTRY(function) \
  Entry { #function, reinterpret_cast<void*>(&function) }

const std::array kFunctions{
    SOTTO_ENTRY(BN_bin2bn),
    SOTTO_ENTRY(BN_free),
    SOTTO_ENTRY(EC_GROUP_new_by_curve_name),
    SOTTO_ENTRY(EC_POINT_free),
    SOTTO_ENTRY(EC_POINT_is_at_infinity),
    SOTTO_ENTRY(EC_POINT_mul),
    SOTTO_ENTRY(EC_POINT_new),
    SOTTO_ENTRY(EC_POINT_oct2point),
    SOTTO_ENTRY(EC_POINT_point2oct),
    SOTTO_ENTRY(EVP_CIPHER_CTX_free),
    SOTTO_ENTRY(EVP_CIPHER_CTX_new),
    SOTTO_ENTRY(EVP_DigestSign),
    SOTTO_ENTRY(EVP_DigestSignInit_ex),
    SOTTO_ENTRY(EVP_DigestVerify),
    SOTTO_ENTRY(EVP_DigestVerifyInit_ex),
    SOTTO_ENTRY(EVP_EncryptInit_ex),
    SOTTO_ENTRY(EVP_EncryptUpdate),
    SOTTO_ENTRY(EVP_MD_CTX_free),
    SOTTO_ENTRY(EVP_MD_CTX_new),
    SOTTO_ENTRY(EVP_PKEY_CTX_free),
    SOTTO_ENTRY(EVP_PKEY_CTX_new_from_name),
    SOTTO_ENTRY(EVP_PKEY_CTX_new_from_pkey),
    SOTTO_ENTRY(EVP_PKEY_decapsulate),
    SOTTO_ENTRY(EVP_PKEY_decapsulate_init),
    SOTTO_ENTRY(EVP_PKEY_encapsulate),
    SOTTO_ENTRY(EVP_PKEY_encapsulate_init),
    SOTTO_ENTRY(EVP_PKEY_free),
    SOTTO_ENTRY(EVP_PKEY_fromdata),
    SOTTO_ENTRY(EVP_PKEY_fromdata_init),
    SOTTO_ENTRY(EVP_PKEY_get_raw_public_key),
    SOTTO_ENTRY(EVP_PKEY_new_raw_public_key_ex),
    SOTTO_ENTRY(EVP_aes_256_ctr),
};

}  // namespace

// The address of the libcrypto function `name`, null when it is not in the list above.
extern "C" [[gnu::visibility("default")]] void* sotto_interop_libcrypto(const char* name) {
  const auto* entry = std::ranges::find(kFunctions, std::string_view(name), &Entry::name);
  return entry == kFunctions.end() ? nullptr : entry->function;
}

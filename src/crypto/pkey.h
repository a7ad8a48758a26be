// Ownership of OpenSSL key objects without OpenSSL's headers. Keys are parsed once and kept, because parsing
// costs as much as using.
#pragma once

#include <memory>

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace sotto::crypto {

struct PkeyDeleter {
  void operator()(evp_pkey_st* pkey) const;
};

/// A private key's object; freeing it wipes what OpenSSL expanded.
using PrivatePkey = std::unique_ptr<evp_pkey_st, PkeyDeleter>;
/// A public key's object, shared by all copies of the key; only ever read.
using PublicPkey = std::shared_ptr<evp_pkey_st>;

}  // namespace sotto::crypto

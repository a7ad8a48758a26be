#include "crypto/error.h"

namespace sotto::crypto {

std::string_view describe(CryptoError error) {
  switch (error) {
    case CryptoError::wrong_length: return "wrong length";
    case CryptoError::invalid_public_key: return "invalid public key";
    case CryptoError::invalid_private_key: return "invalid private key";
    case CryptoError::degenerate_secret: return "degenerate shared secret";
    case CryptoError::bad_signature: return "bad signature";
    case CryptoError::out_of_memory: return "out of memory";
    case CryptoError::library_failure: return "cryptographic library failure";
  }
  return "unknown";
}

}  // namespace sotto::crypto

#include "crypto/secret.h"

#include <openssl/crypto.h>

namespace sotto::crypto {

void wipe(void* data, std::size_t size) { OPENSSL_cleanse(data, size); }

}  // namespace sotto::crypto

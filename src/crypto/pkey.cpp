#include "crypto/pkey.h"

#include "crypto/openssl.h"

namespace sotto::crypto {

void PkeyDeleter::operator()(evp_pkey_st* pkey) const { EVP_PKEY_free(pkey); }

}  // namespace sotto::crypto

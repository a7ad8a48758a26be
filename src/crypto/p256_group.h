// The group of P-256 as the sources of this module share it. Never included by a header that other modules
// see.
#pragma once

#include "bytes/bytes.h"
#include "crypto/openssl.h"
#include "crypto/p256.h"

namespace sotto::crypto {

inline constexpr std::size_t kP256UncompressedSize = 65;

const EC_GROUP* p256_group();
/// n, the order of the group.
const BIGNUM* p256_order();

/// SEC1 2.3.3 with both coordinates. Precondition: not the identity, which has no such form.
ByteArray<kP256UncompressedSize> uncompressed_form(const EC_POINT* point);
ByteArray<kP256PublicKeySize> compressed_form(const ByteArray<kP256UncompressedSize>& uncompressed);

}  // namespace sotto::crypto

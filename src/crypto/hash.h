// SHA-256 and SHA-384 (FIPS 180-4), HMAC (RFC 2104) over both, constant-time comparison. HKDF is in hkdf.h.
#pragma once

#include <initializer_list>

#include "bytes/bytes.h"
#include "crypto/primitives.h"
#include "crypto/secret.h"

namespace sotto::crypto {

using Sha256Digest = ByteArray<32>;
using Sha384Digest = ByteArray<48>;

Sha256Digest sha256(ByteView data);
Sha384Digest sha384(ByteView data);
/// The digest of the concatenation of all parts.
Sha256Digest sha256(std::initializer_list<ByteView> parts);
Sha384Digest sha384(std::initializer_list<ByteView> parts);

/// HMAC-SHA384 over the concatenation of all parts; the full 48 octets. For public keys and test vectors.
Sha384Digest hmac_sha384(ByteView key, std::initializer_list<ByteView> parts);

/// HMAC-SHA384 with a secret key of any length and tag.
template <AnySecretArray Key>
Sha384Digest hmac_sha384(const Key& key, std::initializer_list<ByteView> parts) {
  return hmac_sha384(Primitives::view(key), parts);
}

/// HMAC-SHA256 under a key of at most 64 octets that is no secret (a commitment's nonce): nothing is wiped.
Sha256Digest hmac_sha256(ByteView public_key, ByteView message);

/// Compares in time that depends on the lengths alone. False when lengths differ.
bool constant_time_equal(ByteView a, ByteView b);

/// Compares a secret with octets that the caller already has (a test vector, another party's confirmation).
template <AnySecretArray Secret>
bool constant_time_equal(const Secret& a, ByteView b) {
  return constant_time_equal(Primitives::view(a), b);
}

}  // namespace sotto::crypto

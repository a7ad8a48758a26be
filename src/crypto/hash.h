// SHA-256 and SHA-384 (FIPS 180-4), HMAC-SHA384 (RFC 2104), HKDF-SHA384 (RFC 5869), constant-time comparison.
#pragma once

#include <initializer_list>

#include "bytes/bytes.h"
#include "crypto/secret.h"

namespace sotto::crypto {

using Sha256Digest = ByteArray<32>;
using Sha384Digest = ByteArray<48>;

Sha256Digest sha256(ByteView data);
Sha384Digest sha384(ByteView data);
/// The digest of the concatenation of all parts.
Sha256Digest sha256(std::initializer_list<ByteView> parts);
Sha384Digest sha384(std::initializer_list<ByteView> parts);

/// Compares in time that depends on the lengths alone. False when lengths differ.
bool constant_time_equal(ByteView a, ByteView b);

/// A pseudorandom key: the output of HKDF-Extract.
using PseudorandomKey = SecretArray<48, struct PseudorandomKeyTag>;

/// HMAC-SHA384 over the concatenation of all parts; the full 48 octets.
Sha384Digest hmac_sha384(ByteView key, std::initializer_list<ByteView> parts);
template <std::size_t N, typename Tag>
Sha384Digest hmac_sha384(const SecretArray<N, Tag>& key, std::initializer_list<ByteView> parts);

/// HKDF-Extract with a secret input (RFC 5869 2.2). The salt may be public or secret; ikm is the
/// concatenation of parts that the caller keeps and wipes.
PseudorandomKey hkdf_extract(ByteView salt, std::initializer_list<ByteView> ikm);

/// HKDF-Expand (RFC 5869 2.3) into `out`. Precondition: out.size() <= 255 * 48.
void hkdf_expand(ByteView prk, ByteView info, MutableByteView out);

}  // namespace sotto::crypto

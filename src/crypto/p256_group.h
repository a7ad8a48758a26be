// The group of P-256 as the sources of this module share it. Never included by a header that other modules
// see.
#pragma once

#include "bytes/bytes.h"
#include "crypto/openssl.h"
#include "crypto/p256.h"
#include "crypto/random.h"

namespace sotto::crypto {

inline constexpr std::size_t kP256UncompressedSize = 65;

const EC_GROUP* p256_group();
/// n, the order of the group.
const BIGNUM* p256_order();

/// The point of 33 octets in compressed form with x below the field prime and on the curve; null for anything
/// else. It is never the identity, which has no such form, and always in the group, because the cofactor
/// is 1.
CurvePoint p256_point(ByteView sec1);

/// A private scalar as a number with OpenSSL's constant-time flag, in its secure heap if there is one. Fails
/// with invalid_private_key unless it is in [1, n-1]. Precondition: 32 octets.
CryptoResult<SecretBigNumber> p256_secret_number(ByteView big_endian);

/// A key from random scalars, uniform by rejection.
template <typename Key, typename Scalar>
Key p256_generate(RandomSource& random) {
  // A draw is refused with probability 2^-32; a source that fails this often is broken.
  static constexpr int kMaxTries = 16;
  for (int i = 0; i < kMaxTries; ++i) {
    if (auto key = Key::from_scalar(random_secret<Scalar>(random))) return std::move(*key);
  }
  check_failed("random source gives P-256 scalars", __FILE__, __LINE__);
}

/// SEC1 2.3.3 with both coordinates. Precondition: not the identity, which has no such form.
ByteArray<kP256UncompressedSize> uncompressed_form(const EC_POINT* point);
ByteArray<kP256PublicKeySize> compressed_form(const ByteArray<kP256UncompressedSize>& uncompressed);

}  // namespace sotto::crypto

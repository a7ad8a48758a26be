#include "crypto/p256_group.h"

#include <algorithm>

#include "crypto/declassify.h"

namespace sotto::crypto {
namespace {

constexpr std::size_t kFieldSize = 32;

/// Whether 1 <= scalar < n, without branching on it. Precondition: 32 octets, big-endian.
bool is_private_scalar(ByteView scalar) {
  static const auto kOrder = [] {
    ByteArray<kFieldSize> out;
    SOTTO_CHECK(BN_bn2binpad(p256_order(), out.data(), kFieldSize) == kFieldSize);
    return out;
  }();
  unsigned borrow = 0;  // of scalar - n
  unsigned any = 0;
  for (std::size_t i = kFieldSize; i-- > 0;) {
    borrow = (unsigned{scalar[i]} - kOrder[i] - borrow) >> 31U;
    any |= scalar[i];
  }
  const unsigned nonzero = (0U - any) >> 31U;
  return declassified(borrow & nonzero) == 1;  // a scalar that is refused is never used
}

}  // namespace

const EC_GROUP* p256_group() {
  static const EC_GROUP* const kGroup = EC_GROUP_new_by_curve_name_ex(nullptr, nullptr, NID_X9_62_prime256v1);
  return kGroup;
}

const BIGNUM* p256_order() {
  static const BIGNUM* const kOrder = EC_GROUP_get0_order(p256_group());
  return kOrder;
}

CurvePoint p256_point(ByteView sec1) {
  if (sec1.size() != kP256PublicKeySize || (sec1[0] != 2 && sec1[0] != 3)) return nullptr;
  CurvePoint point(EC_POINT_new(p256_group()));
  SOTTO_CHECK(point);
  if (EC_POINT_oct2point(p256_group(), point.get(), sec1.data(), sec1.size(), nullptr) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return point;
}

CryptoResult<SecretBigNumber> p256_secret_number(ByteView big_endian) {
  if (!is_private_scalar(big_endian)) return err(CryptoError::invalid_private_key);
  SecretBigNumber value(BN_secure_new());
  SOTTO_CHECK(value &&
              BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), value.get()) != nullptr);
  BN_set_flags(value.get(), BN_FLG_CONSTTIME);
  return value;
}

ByteArray<kP256UncompressedSize> uncompressed_form(const EC_POINT* point) {
  ByteArray<kP256UncompressedSize> out;
  SOTTO_CHECK(EC_POINT_point2oct(p256_group(), point, POINT_CONVERSION_UNCOMPRESSED, out.data(), out.size(),
                                 nullptr) == out.size());
  return out;
}

ByteArray<kP256PublicKeySize> compressed_form(const ByteArray<kP256UncompressedSize>& uncompressed) {
  ByteArray<kP256PublicKeySize> out;
  out[0] = static_cast<std::uint8_t>(2 + (uncompressed.back() & 1));
  std::copy_n(uncompressed.begin() + 1, kFieldSize, out.begin() + 1);
  return out;
}

}  // namespace sotto::crypto

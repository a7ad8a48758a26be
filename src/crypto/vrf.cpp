#include "crypto/vrf.h"

#include <algorithm>
#include <initializer_list>

#include "crypto/declassify.h"
#include "crypto/hash.h"
#include "crypto/p256_group.h"

namespace sotto::crypto {
namespace {

constexpr std::uint8_t kSuite = 0x01;
constexpr std::size_t kPointSize = kP256PublicKeySize;
constexpr std::size_t kChallengeSize = 16;
constexpr std::size_t kScalarSize = 32;
constexpr ByteArray<1> kBack = {0x00};  // domain separator at the end of everything that is hashed

// Domain separators at the front (RFC 9381 5.4).
constexpr ByteArray<2> kEncodeToCurve = {kSuite, 0x01};
constexpr ByteArray<2> kChallenge = {kSuite, 0x02};
constexpr ByteArray<2> kProofToHash = {kSuite, 0x03};

using CurveGroup = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
using EncodedPoint = ByteArray<kPointSize>;
using Challenge = ByteArray<kChallengeSize>;

EncodedPoint compressed(const EC_POINT* point) {
  EncodedPoint out;
  SOTTO_CHECK(EC_POINT_point2oct(p256_group(), point, POINT_CONVERSION_COMPRESSED, out.data(), out.size(),
                                 nullptr) == out.size());
  return out;
}

/// A point computed from a secret that is public itself: part of a proof, or what its verifier computes.
EncodedPoint published(const EC_POINT* point) {
  const EncodedPoint out = compressed(point);
  declassify(out);
  return out;
}

/// scalar * point, in constant time for scalars below n.
CurvePoint multiply(const EC_POINT* point, const BIGNUM* scalar, BN_CTX* context) {
  CurvePoint out(EC_POINT_new(p256_group()));
  SOTTO_CHECK(out && EC_POINT_mul(p256_group(), out.get(), nullptr, point, scalar, context) == 1);
  return out;
}

/// s * a + t * b in one pass over the bits of both: a third less than two multiplications. OpenSSL does that
/// for a group's generator and another point, so `a` is made the generator of a copy of the group. Not
/// constant in time.
CurvePoint sum_of_multiples(const EC_POINT* a, const BIGNUM* s, const EC_POINT* b, const BIGNUM* t,
                            BN_CTX* context) {
  const CurveGroup group(EC_GROUP_dup(p256_group()));
  SOTTO_CHECK(group && EC_GROUP_set_generator(group.get(), a, p256_order(), BN_value_one()) == 1);
  CurvePoint out(EC_POINT_new(p256_group()));
  SOTTO_CHECK(out && EC_POINT_mul(group.get(), out.get(), s, b, t, context) == 1);
  return out;
}

struct EncodedInput {
  CurvePoint point;
  EncodedPoint octets;
};

/// ECVRF_encode_to_curve_try_and_increment (5.4.1.1) with the public key as salt.
EncodedInput encode_to_curve(const EncodedPoint& salt, ByteView alpha) {
  for (unsigned counter = 0; counter <= 0xff; ++counter) {
    const ByteArray<1> octet = {static_cast<std::uint8_t>(counter)};
    const Sha256Digest x = sha256({kEncodeToCurve, salt, alpha, octet, kBack});
    EncodedPoint candidate;
    candidate[0] = 0x02;
    std::ranges::copy(x, candidate.begin() + 1);
    if (CurvePoint point = p256_point(candidate)) return {std::move(point), candidate};
  }
  // 256 hashes without one x coordinate of a point: probability 2^-256.
  check_failed("try and increment finds a point", __FILE__, __LINE__);
}

/// ECVRF_challenge_generation (5.4.3).
Challenge challenge(std::initializer_list<EncodedPoint> points) {
  Bytes joined;
  joined.reserve(points.size() * kPointSize);
  for (const EncodedPoint& point : points) joined.insert(joined.end(), point.begin(), point.end());
  return to_array<kChallengeSize>(ByteView(sha256({kChallenge, joined, kBack})).first(kChallengeSize));
}

/// For products modulo n.
BN_MONT_CTX* order_arithmetic() {
  static BN_MONT_CTX* const kContext = [] {
    BN_MONT_CTX* made = BN_MONT_CTX_new();
    const BigNumberContext context(BN_CTX_new());
    SOTTO_CHECK(made != nullptr && context && BN_MONT_CTX_set(made, p256_order(), context.get()) == 1);
    return made;
  }();
  return kContext;
}

BigNumber number(ByteView big_endian) {
  BigNumber out(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr));
  SOTTO_CHECK(out);
  return out;
}

/// bits2octets of RFC 6979 2.3.4 for a hash as long as n: reduced modulo n.
ByteArray<kScalarSize> reduced(const Sha256Digest& hash, BN_CTX* context) {
  const BigNumber value = number(hash);
  ByteArray<kScalarSize> out;
  SOTTO_CHECK(BN_nnmod(value.get(), value.get(), p256_order(), context) == 1 &&
              BN_bn2binpad(value.get(), out.data(), kScalarSize) == kScalarSize);
  return out;
}

/// ECVRF_nonce_generation_RFC6979 (5.4.2.1): HMAC-DRBG over the key and the hash of the encoded point.
SecretBigNumber nonce(ByteView key, const EncodedPoint& point, BN_CTX* context) {
  static EVP_KDF* const kAlgorithm = EVP_KDF_fetch(nullptr, "HMAC-DRBG-KDF", nullptr);
  const ByteArray<kScalarSize> message = reduced(sha256(ByteView(point)), context);
  const OSSL_PARAM params[] = {
      text_param(OSSL_KDF_PARAM_DIGEST, "SHA256"), octets_param(OSSL_KDF_PARAM_HMACDRBG_ENTROPY, key),
      octets_param(OSSL_KDF_PARAM_HMACDRBG_NONCE, message), OSSL_PARAM_construct_end()};
  const KdfContext generator(EVP_KDF_CTX_new(kAlgorithm));
  SOTTO_CHECK(generator && EVP_KDF_CTX_set_params(generator.get(), params) == 1);
  // A candidate is refused with probability 2^-32; the generator then goes on as RFC 6979 3.2 h 3 says.
  static constexpr int kMaxTries = 16;
  for (int i = 0; i < kMaxTries; ++i) {
    ByteArray<kScalarSize> candidate;
    SOTTO_CHECK(EVP_KDF_derive(generator.get(), candidate.data(), candidate.size(), nullptr) == 1);
    auto value = p256_secret_number(candidate);
    wipe(candidate.data(), candidate.size());
    if (value) return *std::move(value);
  }
  check_failed("RFC 6979 finds a nonce", __FILE__, __LINE__);
}

}  // namespace

VrfOutput vrf_output(const VrfProof& proof) {
  return sha256({kProofToHash, ByteView(proof).first(kPointSize), kBack});
}

CryptoResult<VrfPublicKey> VrfPublicKey::decode(ByteView sec1) {
  if (sec1.size() != kPointSize) return err(CryptoError::wrong_length);
  CurvePoint point = p256_point(sec1);
  if (!point) return err(CryptoError::invalid_public_key);
  return VrfPublicKey(to_array<kPointSize>(sec1),
                      std::shared_ptr<const EC_POINT>(point.release(), [](const EC_POINT* p) {
                        EC_POINT_free(const_cast<EC_POINT*>(p));
                      }));
}

CryptoResult<VrfOutput> VrfPublicKey::verify(ByteView alpha, ByteView proof) const {
  if (proof.size() != kVrfProofSize) return err(CryptoError::wrong_length);
  const auto gamma_octets = to_array<kPointSize>(proof.first(kPointSize));
  const ByteView c_octets = proof.subspan(kPointSize, kChallengeSize);
  const CurvePoint gamma = p256_point(gamma_octets);
  const BigNumber c = number(c_octets);
  const BigNumber s = number(proof.last(kScalarSize));
  if (!gamma || BN_cmp(s.get(), p256_order()) >= 0) return err(CryptoError::bad_signature);
  const BigNumberContext context(BN_CTX_new());
  const BigNumber minus_c(BN_new());
  SOTTO_CHECK(context && minus_c && BN_sub(minus_c.get(), p256_order(), c.get()) == 1);
  const EncodedInput h = encode_to_curve(encoded_, alpha);
  // U = s B - c Y;  V = s H - c Gamma
  const CurvePoint u(EC_POINT_new(p256_group()));
  SOTTO_CHECK(u &&
              EC_POINT_mul(p256_group(), u.get(), s.get(), point_.get(), minus_c.get(), context.get()) == 1);
  const CurvePoint v = sum_of_multiples(h.point.get(), s.get(), gamma.get(), minus_c.get(), context.get());
  // An honest proof never gives the identity, and the identity has no 33-octet form.
  if (EC_POINT_is_at_infinity(p256_group(), u.get()) == 1 ||
      EC_POINT_is_at_infinity(p256_group(), v.get()) == 1) {
    return err(CryptoError::bad_signature);
  }
  const Challenge expected =
      challenge({encoded_, h.octets, gamma_octets, compressed(u.get()), compressed(v.get())});
  if (!equal(expected, c_octets)) return err(CryptoError::bad_signature);
  return vrf_output(to_array<kVrfProofSize>(proof));
}

VrfPrivateKey VrfPrivateKey::generate(RandomSource& random) {
  return p256_generate<VrfPrivateKey, VrfScalar>(random);
}

CryptoResult<VrfPrivateKey> VrfPrivateKey::from_scalar(VrfScalar scalar) {
  SOTTO_TRY(const SecretBigNumber value, p256_secret_number(Primitives::view(scalar)));
  const CurvePoint point(EC_POINT_new(p256_group()));
  SOTTO_CHECK(point && EC_POINT_mul(p256_group(), point.get(), value.get(), nullptr, nullptr, nullptr) == 1);
  SOTTO_TRY(VrfPublicKey public_key, VrfPublicKey::decode(published(point.get())));
  return VrfPrivateKey(std::move(scalar), std::move(public_key));
}

VrfProof VrfPrivateKey::prove(ByteView alpha) const {
  const ByteView key = Primitives::view(scalar_);
  const BigNumberContext context(BN_CTX_secure_new());
  SOTTO_CHECK(context);
  const EncodedInput h = encode_to_curve(public_key_.encoded(), alpha);
  const auto x = p256_secret_number(key);
  SOTTO_CHECK(x);
  const EncodedPoint gamma = published(multiply(h.point.get(), x->get(), context.get()).get());
  const SecretBigNumber k = nonce(key, h.octets, context.get());
  const CurvePoint k_b(EC_POINT_new(p256_group()));
  SOTTO_CHECK(k_b && EC_POINT_mul(p256_group(), k_b.get(), k.get(), nullptr, nullptr, context.get()) == 1);
  const CurvePoint k_h = multiply(h.point.get(), k.get(), context.get());
  const Challenge c =
      challenge({public_key_.encoded(), h.octets, gamma, published(k_b.get()), published(k_h.get())});
  // s = k + c x mod n, by the two operations on numbers modulo n that OpenSSL keeps constant in time.
  const BigNumber c_number = number(c);
  const SecretBigNumber s(BN_secure_new());
  SOTTO_CHECK(s && BN_to_montgomery(c_number.get(), c_number.get(), order_arithmetic(), context.get()) == 1 &&
              BN_mod_mul_montgomery(s.get(), c_number.get(), x->get(), order_arithmetic(), context.get()) ==
                  1 &&
              BN_mod_add_quick(s.get(), s.get(), k.get(), p256_order()) == 1);
  VrfProof proof;
  const auto tail = std::ranges::copy(c, std::ranges::copy(gamma, proof.begin()).out).out;
  SOTTO_CHECK(BN_bn2binpad(s.get(), &*tail, kScalarSize) == kScalarSize);
  declassify(proof);  // s is the proof's last part
  return proof;
}

}  // namespace sotto::crypto

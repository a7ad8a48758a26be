#include "crypto/ml_kem.h"

#include <gtest/gtest.h>

#include <string>

#include "crypto/fixed_random.h"
#include "crypto/hash.h"
#include "crypto/wycheproof.h"

namespace sotto::crypto {
namespace {

using wycheproof::Json;
using wycheproof::octets;

template <typename Parameters>
class MlKem : public testing::Test {
 protected:
  using Private = DecapsulationKey<Parameters>;
  using Public = EncapsulationKey<Parameters>;
  using Seed = MlKemSeed<Parameters>;

  static std::string file(const char* suffix) {
    return std::string(std::same_as<Parameters, MlKem768> ? "mlkem_768" : "mlkem_1024") + suffix;
  }
};
using ParameterSets = testing::Types<MlKem768, MlKem1024>;
TYPED_TEST_SUITE(MlKem, ParameterSets);

TYPED_TEST(MlKem, DecapsulatesAsWycheproof) {
  int agreed = 0;
  int wrong_seed = 0;
  SOTTO_WYCHEPROOF(TestFixture::file("_test.json"), [&](const Json&, const Json& test) {
    const Bytes seed = octets(test, "seed");
    if (seed.size() != TestFixture::Seed::kSize) {  // does not even have a type here
      EXPECT_FALSE(wycheproof::is_valid(test));
      ++wrong_seed;
      return;
    }
    const auto key = TestFixture::Private::from_seed(TestFixture::Seed::copy_of(seed));
    EXPECT_TRUE(equal(key.encapsulation_key(), octets(test, "ek")));
    const auto secret = key.decapsulate(octets(test, "c"));
    ASSERT_EQ(secret.has_value(), wycheproof::is_valid(test));
    if (!secret) {
      EXPECT_EQ(secret.error(), CryptoError::wrong_length);
      return;
    }
    EXPECT_TRUE(constant_time_equal(*secret, octets(test, "K")));
    ++agreed;
  });
  EXPECT_EQ(agreed, 153);
  EXPECT_EQ(wrong_seed, 20);
}

TYPED_TEST(MlKem, EncapsulatesAsWycheproof) {
  int agreed = 0;
  int bad_modulus = 0;
  SOTTO_WYCHEPROOF(TestFixture::file("_encaps_test.json"), [&](const Json&, const Json& test) {
    const Bytes encoded = octets(test, "ek");
    const auto key = TestFixture::Public::decode(encoded);
    ASSERT_EQ(key.has_value(), wycheproof::is_valid(test));
    if (!key) {
      const bool right_length = encoded.size() == TypeParam::kEncapsulationKeySize;
      EXPECT_EQ(key.error(), right_length ? CryptoError::invalid_public_key : CryptoError::wrong_length);
      if (right_length) ++bad_modulus;
      return;
    }
    FixedRandom random(octets(test, "m"));
    const auto result = key->encapsulate(random);
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(equal(result->ciphertext, octets(test, "c")));
    EXPECT_TRUE(constant_time_equal(result->secret, octets(test, "K")));
    ++agreed;
  });
  EXPECT_EQ(agreed, 133);
  EXPECT_GT(bad_modulus, 100);
}

TYPED_TEST(MlKem, AgreesBetweenTheTwoSidesAndAfterARestore) {
  DeterministicRandom random(1);
  const auto key = TestFixture::Private::generate(random);
  const auto peer = TestFixture::Public::decode(key.encapsulation_key());
  ASSERT_TRUE(peer.has_value());
  const auto sent = peer->encapsulate(random);
  ASSERT_TRUE(sent.has_value());
  const auto restored = TestFixture::Private::from_seed(key.seed().clone());
  const auto one = key.decapsulate(sent->ciphertext);
  const auto two = restored.decapsulate(sent->ciphertext);
  ASSERT_TRUE(one && two);
  EXPECT_EQ(hmac_sha384(*one, {}), hmac_sha384(sent->secret, {}));
  EXPECT_EQ(hmac_sha384(*two, {}), hmac_sha384(sent->secret, {}));
}

TYPED_TEST(MlKem, IsDeterministicInItsRandomness) {
  DeterministicRandom first(2);
  DeterministicRandom second(2);
  const auto one = TestFixture::Private::generate(first);
  const auto two = TestFixture::Private::generate(second);
  EXPECT_EQ(one.encapsulation_key(), two.encapsulation_key());
  const auto peer = TestFixture::Public::decode(one.encapsulation_key());
  const auto sent_once = peer->encapsulate(first);
  EXPECT_EQ(sent_once->ciphertext, peer->encapsulate(second)->ciphertext);
  EXPECT_NE(sent_once->ciphertext, peer->encapsulate(first)->ciphertext);
}

TYPED_TEST(MlKem, RejectsAChangedCiphertextImplicitlyAndRepeatably) {
  DeterministicRandom random(3);
  const auto key = TestFixture::Private::generate(random);
  const auto sent = TestFixture::Public::decode(key.encapsulation_key())->encapsulate(random);
  for (const std::size_t position :
       {std::size_t{0}, TypeParam::kCiphertextSize / 2, TypeParam::kCiphertextSize - 1}) {
    auto changed = sent->ciphertext;
    changed[position] ^= 1;
    const auto one = key.decapsulate(changed);
    const auto two = key.decapsulate(changed);
    ASSERT_TRUE(one && two);
    EXPECT_NE(hmac_sha384(*one, {}), hmac_sha384(sent->secret, {}));
    EXPECT_EQ(hmac_sha384(*one, {}), hmac_sha384(*two, {}));
  }
}

TYPED_TEST(MlKem, RefusesEveryOtherLength) {
  DeterministicRandom random(4);
  const auto key = TestFixture::Private::generate(random);
  const Bytes encoded(TypeParam::kEncapsulationKeySize + 1);
  const Bytes ciphertext(TypeParam::kCiphertextSize + 1);
  for (std::size_t size = 0; size <= encoded.size(); ++size) {
    if (size == TypeParam::kEncapsulationKeySize) continue;
    ASSERT_EQ(TestFixture::Public::decode(ByteView(encoded).first(size)).error(), CryptoError::wrong_length);
  }
  for (std::size_t size = 0; size <= ciphertext.size(); ++size) {
    if (size == TypeParam::kCiphertextSize) continue;
    ASSERT_EQ(key.decapsulate(ByteView(ciphertext).first(size)).error(), CryptoError::wrong_length);
  }
}

// FIPS 203 7.2: every 12-bit coefficient must be below q = 3329.
TYPED_TEST(MlKem, RefusesAKeyWithACoefficientNotBelowTheModulus) {
  DeterministicRandom random(5);
  const auto key = TestFixture::Private::generate(random);
  const std::size_t polynomials = TypeParam::kEncapsulationKeySize - 32;
  for (const std::size_t position : {std::size_t{0}, polynomials / 6 * 3, polynomials - 3}) {
    auto encoded = key.encapsulation_key();
    encoded[position] = 0x01;  // 3329 = 0xd01 in the first coefficient of a group of three octets
    encoded[position + 1] = static_cast<std::uint8_t>((encoded[position + 1] & 0xf0) | 0x0d);
    EXPECT_EQ(TestFixture::Public::decode(encoded).error(), CryptoError::invalid_public_key) << position;
    encoded[position] = 0x00;  // 3328
    EXPECT_TRUE(TestFixture::Public::decode(encoded).has_value()) << position;
  }
}

}  // namespace
}  // namespace sotto::crypto

#include "crypto/hybrid_signature.h"

#include <gtest/gtest.h>

#include "bytes/encoder.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"

namespace sotto::crypto {
namespace {

constexpr auto kEcdsaEnd = static_cast<std::ptrdiff_t>(kEcdsaSignatureSize);

class HybridSignatureTest : public testing::Test {
 protected:
  [[nodiscard]] CryptoError error_of(ByteView signature) const {
    const auto verdict = key_.public_key().verify(kMessage, signature);
    EXPECT_FALSE(verdict.has_value());
    return verdict ? CryptoError::library_failure : verdict.error();
  }

  DeterministicRandom random_{1};
  HybridPrivateKey key_ = HybridPrivateKey::generate(random_);
  HybridPrivateKey other_ = HybridPrivateKey::generate(random_);
  const ByteView kMessage = as_bytes("message");
  HybridSignature signature_ = key_.sign(kMessage, random_);
};

TEST_F(HybridSignatureTest, HasTheSizesOfTheSpecification) {
  EXPECT_EQ(signature_.size(), 3373U);
  EXPECT_EQ(key_.public_key().encoded().size(), 1985U);
}

TEST_F(HybridSignatureTest, VerifiesBothHalvesOverTheSameOctets) {
  EXPECT_TRUE(key_.public_key().verify(kMessage, signature_).has_value());
  const ByteView halves(signature_);
  EXPECT_TRUE(ecdsa_verify(key_.public_key().ecdsa_key(), kMessage, halves.first(64)).has_value());
  EXPECT_TRUE(key_.public_key().ml_dsa_key().verify(kMessage, halves.subspan(64)).has_value());
}

TEST_F(HybridSignatureTest, RefusesAStrippedHalf) {
  const ByteView whole(signature_);
  EXPECT_EQ(error_of(whole.first(64)), CryptoError::wrong_length);
  EXPECT_EQ(error_of(whole.subspan(64)), CryptoError::wrong_length);
  HybridSignature zeroed = signature_;
  std::fill(zeroed.begin(), zeroed.begin() + kEcdsaEnd, 0);
  EXPECT_EQ(error_of(zeroed), CryptoError::bad_signature);
  zeroed = signature_;
  std::fill(zeroed.begin() + kEcdsaEnd, zeroed.end(), 0);
  EXPECT_EQ(error_of(zeroed), CryptoError::bad_signature);
}

TEST_F(HybridSignatureTest, RefusesHalvesOfDifferentKeysOrMessages) {
  const HybridSignature by_other = other_.sign(kMessage, random_);
  const HybridSignature over_other = key_.sign(as_bytes("another"), random_);
  for (const HybridSignature& foreign : {by_other, over_other}) {
    HybridSignature mixed = signature_;
    std::copy(foreign.begin(), foreign.begin() + kEcdsaEnd, mixed.begin());
    EXPECT_EQ(error_of(mixed), CryptoError::bad_signature);
    mixed = signature_;
    std::copy(foreign.begin() + kEcdsaEnd, foreign.end(), mixed.begin() + kEcdsaEnd);
    EXPECT_EQ(error_of(mixed), CryptoError::bad_signature);
  }
}

TEST_F(HybridSignatureTest, RefusesHalvesInTheWrongOrder) {
  Bytes swapped(signature_.begin() + kEcdsaEnd, signature_.end());
  swapped.insert(swapped.end(), signature_.begin(), signature_.begin() + kEcdsaEnd);
  EXPECT_EQ(error_of(swapped), CryptoError::bad_signature);
}

TEST_F(HybridSignatureTest, RefusesEveryOtherLength) {
  Bytes longer = to_bytes(signature_);
  longer.push_back(0);
  for (std::size_t size = 0; size <= longer.size(); ++size) {
    if (size != kHybridSignatureSize)
      ASSERT_EQ(error_of(ByteView(longer).first(size)), CryptoError::wrong_length);
  }
}

TEST_F(HybridSignatureTest, IsDeterministicInItsRandomness) {
  DeterministicRandom one(9);
  DeterministicRandom two(9);
  EXPECT_EQ(key_.sign(kMessage, one), key_.sign(kMessage, two));
}

TEST_F(HybridSignatureTest, KeysComeBackFromSeedAndEncoding) {
  const auto again = HybridPrivateKey::from_seed(key_.seed());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->public_key(), key_.public_key());
  const auto decoded = HybridPublicKey::decode(key_.public_key().encoded());
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, key_.public_key());
  EXPECT_NE(*decoded, other_.public_key());
  EXPECT_TRUE(decoded->verify(kMessage, signature_).has_value());
}

TEST_F(HybridSignatureTest, SeedIsTheScalarThenXi) {
  const ByteView salt = as_bytes("salt");
  const auto whole = hkdf_expand<ByteArray<32>>(hkdf_extract(salt, key_.seed()), salt);
  const auto halves = hkdf_expand<ByteArray<32>>(
      hkdf_extract(salt, key_.ecdsa_key().scalar(), key_.ml_dsa_key().seed()), salt);
  EXPECT_EQ(whole, halves);
}

TEST_F(HybridSignatureTest, RefusesBadSeedsAndKeys) {
  EXPECT_EQ(HybridPrivateKey::from_seed(HybridSeed::copy_of(Bytes(64, 0))).error(),
            CryptoError::invalid_private_key);
  auto encoded = key_.public_key().encoded();
  for (std::size_t size = 0; size < encoded.size(); ++size) {
    ASSERT_EQ(HybridPublicKey::decode(ByteView(encoded).first(size)).error(), CryptoError::wrong_length);
  }
  encoded[0] = 4;
  EXPECT_EQ(HybridPublicKey::decode(encoded).error(), CryptoError::invalid_public_key);
}

TEST_F(HybridSignatureTest, FingerprintHashesTheLabelledPublicKey) {
  Encoder expected;
  expected.label("ik").raw(key_.public_key().encoded());
  EXPECT_EQ(fingerprint(key_.public_key()).octets(), sha256(expected.view()));
  EXPECT_EQ(Fingerprint::from_octets(sha256(expected.view())), key_.public_key().fingerprint());
  EXPECT_NE(key_.public_key().fingerprint(), other_.public_key().fingerprint());
}

}  // namespace
}  // namespace sotto::crypto

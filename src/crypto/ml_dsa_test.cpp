#include "crypto/ml_dsa.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "crypto/wycheproof.h"

namespace sotto::crypto {
namespace {

using wycheproof::Json;
using wycheproof::octets;

TEST(MlDsa65, VerifiesAsWycheproof) {
  int accepted = 0;
  int refused = 0;
  SOTTO_WYCHEPROOF("mldsa_65_verify_test.json", [&](const Json& group, const Json& test) {
    const auto key = MlDsa65PublicKey::decode(octets(group, "publicKey"));
    if (!key) {
      EXPECT_EQ(key.error(), CryptoError::wrong_length);
      EXPECT_FALSE(wycheproof::is_valid(test));
      ++refused;
      return;
    }
    const Bytes signature = octets(test, "sig");
    const auto verdict = key->verify(octets(test, "msg"), signature, octets(test, "ctx"));
    EXPECT_EQ(verdict.has_value(), wycheproof::is_valid(test));
    if (!verdict) {
      EXPECT_EQ(verdict.error(), signature.size() == kMlDsa65SignatureSize ? CryptoError::bad_signature
                                                                           : CryptoError::wrong_length);
    }
    ++(verdict ? accepted : refused);
  });
  EXPECT_EQ(accepted, 79);
  EXPECT_EQ(refused, 131);
}

TEST(MlDsa65, SignsHedgedWithTheHandedInRandomness) {
  DeterministicRandom seed(1);
  const auto key = MlDsa65PrivateKey::generate(seed);
  DeterministicRandom first(2);
  DeterministicRandom second(2);
  const auto signature = key.sign(as_bytes("m"), first);
  EXPECT_EQ(signature, key.sign(as_bytes("m"), second));
  const auto next = key.sign(as_bytes("m"), first);
  EXPECT_NE(signature, next);
  EXPECT_TRUE(key.public_key().verify(as_bytes("m"), signature).has_value());
  EXPECT_TRUE(key.public_key().verify(as_bytes("m"), next).has_value());
}

TEST(MlDsa65, SignsTheEmptyMessage) {
  DeterministicRandom random(6);
  const auto key = MlDsa65PrivateKey::generate(random);
  const auto signature = key.sign(ByteView{}, random);
  EXPECT_TRUE(key.public_key().verify(ByteView{}, signature).has_value());
  EXPECT_FALSE(key.public_key().verify(as_bytes("m"), signature).has_value());
}

TEST(MlDsa65, ComesBackFromItsSeed) {
  DeterministicRandom random(3);
  const auto key = MlDsa65PrivateKey::generate(random);
  const auto again = MlDsa65PrivateKey::from_seed(key.seed().clone());
  EXPECT_EQ(again.public_key(), key.public_key());
  const auto signature = again.sign(as_bytes("m"), random);
  const auto decoded = MlDsa65PublicKey::decode(key.public_key().encoded());
  ASSERT_TRUE(decoded.has_value());
  EXPECT_TRUE(decoded->verify(as_bytes("m"), signature).has_value());
}

TEST(MlDsa65, BindsTheContextAndUsesSp1ByDefault) {
  DeterministicRandom random(4);
  const auto key = MlDsa65PrivateKey::generate(random);
  const auto ours = key.sign(as_bytes("m"), random);
  const auto other = key.sign(as_bytes("m"), random, as_bytes("other"));
  EXPECT_TRUE(key.public_key().verify(as_bytes("m"), ours, as_bytes("sp1")).has_value());
  EXPECT_TRUE(key.public_key().verify(as_bytes("m"), other, as_bytes("other")).has_value());
  EXPECT_EQ(key.public_key().verify(as_bytes("m"), other).error(), CryptoError::bad_signature);
  EXPECT_EQ(key.public_key().verify(as_bytes("m"), ours, ByteView{}).error(), CryptoError::bad_signature);
}

TEST(MlDsa65, RefusesOtherMessagesKeysAndLengths) {
  DeterministicRandom random(5);
  const auto key = MlDsa65PrivateKey::generate(random);
  const auto other = MlDsa65PrivateKey::generate(random);
  const auto signature = key.sign(as_bytes("m"), random);
  EXPECT_EQ(key.public_key().verify(as_bytes("n"), signature).error(), CryptoError::bad_signature);
  EXPECT_EQ(other.public_key().verify(as_bytes("m"), signature).error(), CryptoError::bad_signature);
  for (std::size_t size = 0; size < signature.size(); ++size) {
    ASSERT_EQ(key.public_key().verify(as_bytes("m"), ByteView(signature).first(size)).error(),
              CryptoError::wrong_length);
  }
  for (std::size_t size = 0; size < kMlDsa65PublicKeySize; ++size) {
    ASSERT_EQ(MlDsa65PublicKey::decode(Bytes(size)).error(), CryptoError::wrong_length);
  }
  EXPECT_EQ(MlDsa65PublicKey::decode(Bytes(kMlDsa65PublicKeySize + 1)).error(), CryptoError::wrong_length);
}

}  // namespace
}  // namespace sotto::crypto

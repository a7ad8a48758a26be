// What every wrapper promises beside its algorithm: keys may be shared between threads, and OpenSSL's error
// queue is left empty.
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <thread>
#include <vector>

#include "crypto/argon2.h"
#include "crypto/hash.h"
#include "crypto/hybrid_signature.h"
#include "crypto/ml_kem.h"

namespace sotto::crypto {
namespace {

TEST(SharedKeys, GiveTheSameOnManyThreadsAtOnce) {
  static constexpr int kThreads = 4;
  static constexpr int kRounds = 20;
  DeterministicRandom random(1);
  const auto key = HybridPrivateKey::generate(random);
  const auto kem = MlKem768DecapsulationKey::generate(random);
  const auto kem_public = MlKem768EncapsulationKey::decode(kem.encapsulation_key());
  ASSERT_TRUE(kem_public.has_value());
  const auto work = [&] {
    DeterministicRandom own(2);
    Bytes out;
    for (int i = 0; i < kRounds; ++i) {
      const auto signature = key.sign(as_bytes("m"), own);
      if (!key.public_key().verify(as_bytes("m"), signature)) return Bytes{};
      const auto sent = kem_public->encapsulate(own);
      const auto agreed = hmac_sha384(*kem.decapsulate(sent->ciphertext), {ByteView(signature)});
      if (agreed != hmac_sha384(sent->secret, {ByteView(signature)})) return Bytes{};
      const auto dh = key.ecdsa_key().ecdh(key.public_key().ecdsa_key());
      const auto digest = hmac_sha384(*dh, {ByteView(agreed)});
      out.insert(out.end(), digest.begin(), digest.end());
    }
    return out;
  };
  std::vector<Bytes> results(kThreads);
  {
    std::vector<std::jthread> threads;
    for (Bytes& result : results) threads.emplace_back([&result, &work] { result = work(); });
  }
  const Bytes expected = work();
  ASSERT_FALSE(expected.empty());
  for (const Bytes& result : results) EXPECT_EQ(result, expected);
}

class ErrorQueue : public testing::Test {
 protected:
  void SetUp() override { ERR_clear_error(); }
  void TearDown() override { EXPECT_EQ(ERR_peek_error(), 0U); }

  DeterministicRandom random_{1};
};

TEST_F(ErrorQueue, IsEmptyAfterRefusedP256Inputs) {
  const auto key = P256PrivateKey::generate(random_);
  Bytes no_point(33, 0);
  no_point[0] = 2;
  no_point[32] = 1;
  EXPECT_FALSE(P256PublicKey::decode(no_point).has_value());
  EXPECT_EQ(ERR_peek_error(), 0U);
  EXPECT_FALSE(P256PublicKey::decode(Bytes(33, 0xff)).has_value());
  EXPECT_FALSE(P256PrivateKey::from_scalar(P256Scalar::copy_of(Bytes(32, 0xff))).has_value());
  EXPECT_EQ(ERR_peek_error(), 0U);
  EXPECT_FALSE(ecdsa_verify(key.public_key(), as_bytes("m"), Bytes(64, 0)).has_value());
  EXPECT_EQ(ERR_peek_error(), 0U);
  EXPECT_FALSE(ecdsa_verify(key.public_key(), as_bytes("m"), Bytes(64, 1)).has_value());
}

TEST_F(ErrorQueue, IsEmptyAfterRefusedPostQuantumInputs) {
  EXPECT_FALSE(MlKem1024EncapsulationKey::decode(Bytes(1568, 0xff)).has_value());
  EXPECT_EQ(ERR_peek_error(), 0U);
  const auto key = MlDsa65PrivateKey::generate(random_);
  EXPECT_FALSE(key.public_key().verify(as_bytes("m"), Bytes(3309, 0xff)).has_value());
  EXPECT_EQ(ERR_peek_error(), 0U);
  const auto kem = MlKem768DecapsulationKey::generate(random_);
  EXPECT_TRUE(kem.decapsulate(Bytes(1088, 0xff)).has_value());
}

TEST_F(ErrorQueue, IsEmptyAfterRefusedArgon2Parameters) {
  const Argon2Parameters parameters = {.memory_kib = 8, .iterations = 1, .lanes = 2};
  EXPECT_FALSE(argon2id(as_bytes("p"), Argon2Salt{}, parameters).has_value());
}

}  // namespace
}  // namespace sotto::crypto

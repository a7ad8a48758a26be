// The primitives as src/crypto offers them. What OpenSSL itself does on the way is in suppressions.supp, by
// function and with its reason. Argon2id is not here: it reads memory by secret addresses by design (RFC
// 9106 3.4.1.3).
#include "crypto/cipher.h"
#include "crypto/declassify.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/hybrid_signature.h"
#include "crypto/ml_kem.h"
#include "crypto/p256.h"
#include "crypto/spake2.h"
#include "poison.h"

namespace sotto::testing {
namespace {

using Key = crypto::SecretArray<48, struct TestKeyTag>;

TEST_F(ConstantTime, P31_ComparisonOfSecretsHidesWhereTheyDiffer) {
  const auto key = crypto::random_secret<Key>(random);
  const Bytes other(Key::kSize, 1);
  expect_constant_time([&] {
    EXPECT_TRUE(crypto::constant_time_equal(key, ByteView(crypto::sha384(other))) ||
                !crypto::constant_time_equal(key, other));
  });
}

TEST_F(ConstantTime, P31_HashingMacAndKeyDerivation) {
  expect_constant_time([&] {
    const auto key = crypto::random_secret<Key>(random);
    const auto prk = crypto::hkdf_extract(key, key);
    const auto [a, b] = crypto::hkdf_expand<Key, Key>(prk, as_bytes("long"));
    const auto c = crypto::hkdf_expand<Key>(a, as_bytes("short"));
    const auto pair = crypto::hkdf_expand_pair<Key, Key>(b, as_bytes("mk"), as_bytes("ck"));
    const auto tag = crypto::hmac_sha384(pair.first, {as_bytes("message")});
    EXPECT_FALSE(crypto::constant_time_equal(tag, ByteArray<48>{}));
  });
}

TEST_F(ConstantTime, P31_CounterModeCipher) {
  expect_constant_time([&] {
    const auto key = crypto::random_secret<crypto::CipherKey>(random);
    const auto iv = crypto::random_secret<crypto::CipherIv>(random);
    Bytes text(300);
    poison(text);
    crypto::aes256_ctr(key, iv, text);
  });
}

template <typename Parameters>
void use_kem(crypto::RandomSource& random) {
  const auto key = crypto::DecapsulationKey<Parameters>::generate(random);
  const auto restored = crypto::DecapsulationKey<Parameters>::from_seed(key.seed().clone());
  const auto peer = crypto::EncapsulationKey<Parameters>::decode(key.encapsulation_key());
  ASSERT_TRUE(peer);
  const auto sent = peer->encapsulate(random);
  ASSERT_TRUE(sent && restored.decapsulate(sent->ciphertext));
}

TEST_F(ConstantTime, P31_KemKeysEncapsulationAndDecapsulation) {
  expect_constant_time([&] { use_kem<crypto::MlKem768>(random); });
  expect_constant_time([&] { use_kem<crypto::MlKem1024>(random); });
}

TEST_F(ConstantTime, P31_ImplicitRejectionTakesNoBranchOfItsOwn) {
  const auto key = crypto::MlKem768DecapsulationKey::generate(random);
  const auto peer = crypto::MlKem768EncapsulationKey::decode(key.encapsulation_key());
  auto sent = peer->encapsulate(random);
  ASSERT_TRUE(sent);
  sent->ciphertext[500] ^= 1U;
  expect_constant_time([&] { EXPECT_TRUE(key.decapsulate(sent->ciphertext)); });
}

TEST_F(ConstantTime, P31_EcKeysAndAgreement) {
  expect_constant_time([&] {
    const auto mine = crypto::P256PrivateKey::generate(random);
    const auto theirs = crypto::P256PrivateKey::generate(random);
    const auto restored = crypto::P256PrivateKey::from_scalar(mine.scalar().clone());
    ASSERT_TRUE(restored);
    EXPECT_TRUE(restored->ecdh(theirs.public_key()));
  });
}

TEST_F(ConstantTime, P31_AScalarOutOfRangeIsRefusedWithoutComparingItOctetByOctet) {
  ByteArray<32> too_large;
  too_large.fill(0xff);
  poison(too_large);
  expect_constant_time(
      [&] { EXPECT_FALSE(crypto::P256PrivateKey::from_scalar(crypto::P256Scalar::copy_of(too_large))); });
}

TEST_F(ConstantTime, P31_AgreementOnAKeyByACode) {
  expect_constant_time([&] {
    const auto code = crypto::random_secret<crypto::SecretArray<6, struct TestCodeTag>>(random);
    auto a = crypto::Spake2A::start(crypto::spake2_password(as_bytes("context"), code), random);
    auto b = crypto::Spake2B::start(crypto::spake2_password(as_bytes("context"), code), random);
    const auto share_a = crypto::P256PublicKey::decode(a.share());
    const auto share_b = crypto::P256PublicKey::decode(b.share());
    ASSERT_TRUE(share_a && share_b);
    EXPECT_TRUE(std::move(a).finish(*share_b, {}));
    EXPECT_TRUE(std::move(b).finish(*share_a, {}));
  });
}

TEST_F(ConstantTime, P31_HybridSignatures) {
  expect_constant_time([&] {
    const auto key = crypto::HybridPrivateKey::generate(random);
    const auto restored = crypto::HybridPrivateKey::from_seed(key.seed());
    ASSERT_TRUE(restored);
    const auto signature = restored->sign(as_bytes("message"), random);
    EXPECT_TRUE(key.public_key().verify(as_bytes("message"), signature));
  });
}

}  // namespace
}  // namespace sotto::testing

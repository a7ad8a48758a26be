// That modelled primitives do what the rest of the system relies on.
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/hybrid_signature.h"
#include "crypto/ml_kem.h"
#include "marker.h"

namespace sotto::crypto {
namespace {

Bytes secret_octets(const KemSecret& secret) { return to_bytes(hmac_sha384(secret, {})); }
Bytes secret_octets(const EcdhSecret& secret) { return to_bytes(hmac_sha384(secret, {})); }

/// Every octet of a string changed, one at a time; every 97th for long ones.
template <typename Check>
void for_each_change(ByteView octets, Check check) {
  const std::size_t stride = octets.size() > 100 ? 97 : 1;
  for (std::size_t i = 0; i < octets.size(); i += stride) {
    Bytes changed = to_bytes(octets);
    changed[i] ^= 1;
    check(changed);
  }
}

TEST(ModelledPrimitives, AreTheOnesLinkedHere) { EXPECT_NE(sotto_modelled_primitives[0], '\0'); }

TEST(ModelledPrimitives, VerifyWhatWasSignedAndNothingElse) {
  DeterministicRandom random(1);
  const auto key = HybridPrivateKey::generate(random);
  const auto other = HybridPrivateKey::generate(random);
  const auto message = as_bytes("message");
  const auto signature = key.sign(message, random);
  EXPECT_TRUE(key.public_key().verify(message, signature));
  EXPECT_FALSE(key.public_key().verify(as_bytes("massage"), signature));
  EXPECT_FALSE(other.public_key().verify(message, signature));
  for_each_change(signature,
                  [&](ByteView changed) { EXPECT_FALSE(key.public_key().verify(message, changed)); });
  const auto decoded = HybridPublicKey::decode(key.public_key().encoded());
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->verify(message, signature));
  EXPECT_EQ(HybridPrivateKey::from_seed(key.seed())->public_key(), key.public_key());
}

TEST(ModelledPrimitives, AgreeOnASecretThatNoThirdKeyGives) {
  DeterministicRandom random(2);
  const auto a = P256PrivateKey::generate(random);
  const auto b = P256PrivateKey::generate(random);
  const auto c = P256PrivateKey::generate(random);
  const auto shared = secret_octets(*a.ecdh(b.public_key()));
  EXPECT_EQ(shared, secret_octets(*b.ecdh(a.public_key())));
  EXPECT_NE(shared, secret_octets(*c.ecdh(a.public_key())));
  EXPECT_NE(shared, secret_octets(*a.ecdh(c.public_key())));
}

template <typename Parameters>
void expect_kem() {
  DeterministicRandom random(3);
  const auto key = DecapsulationKey<Parameters>::generate(random);
  const auto public_key = EncapsulationKey<Parameters>::decode(key.encapsulation_key());
  ASSERT_TRUE(public_key);
  const auto made = *public_key->encapsulate(random);
  const Bytes secret = secret_octets(made.secret);
  EXPECT_EQ(secret, secret_octets(*key.decapsulate(made.ciphertext)));
  EXPECT_NE(secret, secret_octets(public_key->encapsulate(random)->secret));
  for_each_change(made.ciphertext,
                  [&](ByteView changed) { EXPECT_NE(secret, secret_octets(*key.decapsulate(changed))); });
  const auto other = DecapsulationKey<Parameters>::generate(random);
  EXPECT_NE(secret, secret_octets(*other.decapsulate(made.ciphertext)));
}

TEST(ModelledPrimitives, EncapsulateForOneKeyOnlyAndRejectImplicitly) {
  expect_kem<MlKem768>();
  expect_kem<MlKem1024>();
}

}  // namespace
}  // namespace sotto::crypto

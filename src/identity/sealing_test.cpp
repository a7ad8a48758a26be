#include "identity/sealing.h"

#include <gtest/gtest.h>

namespace sotto::identity {
namespace {

class SealingTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{9};
  crypto::P256PrivateKey ec = crypto::P256PrivateKey::generate(random);
  crypto::MlKem1024DecapsulationKey kem = crypto::MlKem1024DecapsulationKey::generate(random);
  crypto::MlKem1024EncapsulationKey kem_public =
      crypto::MlKem1024EncapsulationKey::decode(kem.encapsulation_key()).value();
  Encapsulated sealed_to = encapsulate(ec.public_key(), kem_public, random).value();
  Bytes header = to_bytes(as_bytes("header"));

  static SealKeys keys(const CapsuleSecrets& secrets) {
    return expand_seal_keys(secrets.extract(as_bytes("salt")), as_bytes("info"));
  }
  Bytes sealed = seal(keys(sealed_to.secrets), header, crypto::WipedOctets(500, 7));

  IdentityResult<crypto::WipedOctets> open(ByteView octets, std::size_t max = 500) {
    return open_seal(keys(sealed_to.secrets), header, octets, max);
  }
};

TEST_F(SealingTest, TheHolderOfBothPrivateHalvesOpens) {
  const auto secrets = decapsulate(ec, kem, sealed_to.capsule);
  ASSERT_TRUE(secrets);
  const auto opened = open_seal(keys(*secrets), header, sealed, 500);
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, crypto::WipedOctets(500, 7));
  EXPECT_EQ(sealed.size(), 500 + kSealOverhead);
}

TEST_F(SealingTest, OneHalfIsNotEnough) {
  const auto other_ec = crypto::P256PrivateKey::generate(random);
  const auto other_kem = crypto::MlKem1024DecapsulationKey::generate(random);
  for (const auto& secrets : {decapsulate(other_ec, kem, sealed_to.capsule).value().extract({}),
                              decapsulate(ec, other_kem, sealed_to.capsule).value().extract({})}) {
    EXPECT_EQ(open_seal(expand_seal_keys(secrets, as_bytes("info")), header, sealed, 500).error(),
              IdentityError::cannot_open);
  }
}

TEST_F(SealingTest, EveryFlippedOctetIsNoticed) {
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    Bytes bad = sealed;
    bad[at] ^= 1U;
    EXPECT_FALSE(open(bad)) << at;
  }
  Bytes other_header = header;
  other_header.back() ^= 1U;
  EXPECT_EQ(open_seal(keys(sealed_to.secrets), other_header, sealed, 500).error(),
            IdentityError::cannot_open);
}

TEST_F(SealingTest, LengthsAreBoundedBeforeAnythingElse) {
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_EQ(open(ByteView(sealed).first(length)).error(), IdentityError::malformed) << length;
  }
  Bytes longer = sealed;
  longer.push_back(0);
  EXPECT_EQ(open(longer).error(), IdentityError::malformed);
  EXPECT_EQ(open(sealed, 499).error(), IdentityError::malformed);
}

TEST_F(SealingTest, ACapsuleWithoutAPointIsRefused) {
  Capsule bad = sealed_to.capsule;
  bad[0] = 4;
  EXPECT_EQ(decapsulate(ec, kem, bad).error(), IdentityError::malformed);
}

}  // namespace
}  // namespace sotto::identity

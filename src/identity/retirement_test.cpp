#include "identity/retirement.h"

#include <gtest/gtest.h>

#include "bytes/encoder.h"
#include "identity/test_support.h"
#include "sotto/v1/stream.pb.h"

namespace sotto::identity {
namespace {

using testing::kNow;
using testing::TestAccount;

class RetirementTest : public ::testing::Test {
 protected:
  IdentityError error_of(const SignedRetirement& retirement, UnixMs now = kNow) {
    const auto verified = verify_retirement(alice.manifest, retirement, now);
    EXPECT_FALSE(verified);
    return verified ? IdentityError::empty_chain : verified.error();
  }
  /// Signed by both as it stands, whatever it says.
  SignedRetirement signed_as(const Retirement& retirement) {
    SignedRetirement out{encode(retirement), {}, {}};
    out.account_signature = alice.account.key.sign(out.statement, random);
    Encoder message;
    message.label("retire-author").raw(crypto::sha384(out.statement));
    out.author_signature = alice.device.key.sign(message.view(), random);
    return out;
  }

  crypto::DeterministicRandom random{3};
  TestAccount alice{random};
  TestAccount bob{random};
  SignedRetirement genuine = sign_retirement(alice.manifest, alice.account, alice.device, kNow, random);
  Retirement said{alice.account.id, 1, alice.manifest.hash(), alice.device.id, kNow};
};

TEST_F(RetirementTest, HasTheOctetsOfTheSpecification) {
  Encoder expected;
  expected.raw(as_bytes("sp1.retire")).u8(0).raw(alice.account.id.view()).u64(1);
  expected.raw(alice.manifest.hash()).raw(alice.device.id.view()).u64(kNow.value);
  EXPECT_EQ(genuine.statement, to_bytes(expected.view()));
  EXPECT_EQ(genuine.statement.size(), 107U);
}

TEST_F(RetirementTest, RoundTripsAndFailsOnTruncationAtEveryLength) {
  Bytes octets = encode(said);
  EXPECT_EQ(parse_retirement(octets).value(), said);
  for (std::size_t length = 0; length < octets.size(); ++length) {
    EXPECT_EQ(parse_retirement(ByteView(octets).first(length)).error(), IdentityError::malformed) << length;
  }
  octets.push_back(0);
  EXPECT_FALSE(parse_retirement(octets));
  said.version = 0;
  EXPECT_FALSE(parse_retirement(encode(said)));
}

TEST_F(RetirementTest, TravelsAsItWasSigned) {
  v1::RetireAccount message;
  to_wire(genuine, message);
  EXPECT_EQ(from_wire(message).value(), genuine);
  message.mutable_author_signature()->pop_back();
  EXPECT_EQ(from_wire(message).error(), IdentityError::malformed);
}

TEST_F(RetirementTest, EndsTheAccountThatSignedItWithBothKeys) {
  const auto verified = verify_retirement(alice.manifest, genuine, kNow);
  ASSERT_TRUE(verified);
  EXPECT_EQ(*verified, said);
  EXPECT_TRUE(verify_retirement(alice.manifest, genuine, kNow + kMaxClockSkew));
  EXPECT_TRUE(verify_retirement(alice.manifest, signed_as(said), kNow));
}

TEST_F(RetirementTest, IsRefusedWithoutEitherSignature) {
  SignedRetirement bad = genuine;
  bad.account_signature[0] ^= 1;
  EXPECT_EQ(error_of(bad), IdentityError::bad_account_signature);
  bad = genuine;
  bad.account_signature[3000] ^= 1;
  EXPECT_EQ(error_of(bad), IdentityError::bad_account_signature);
  bad = genuine;
  bad.author_signature[0] ^= 1;
  EXPECT_EQ(error_of(bad), IdentityError::bad_author_signature);
  bad = genuine;
  bad.author_signature = bad.account_signature;  // what every removed device could make
  EXPECT_EQ(error_of(bad), IdentityError::bad_author_signature);
}

TEST_F(RetirementTest, IsRefusedForAnotherAccountManifestOrTime) {
  EXPECT_EQ(verify_retirement(bob.manifest, genuine, kNow).error(), IdentityError::wrong_account);
  const auto second = alice.successor(random, kNow, [](Manifest&) {});
  EXPECT_EQ(verify_retirement(second, genuine, kNow).error(), IdentityError::wrong_version);
  Retirement other = said;
  other.manifest[0] ^= 1;
  EXPECT_EQ(error_of(signed_as(other)), IdentityError::broken_chain);
  other = said;
  other.author = bob.device.id;
  EXPECT_EQ(error_of(signed_as(other)), IdentityError::unknown_author);
  EXPECT_EQ(error_of(genuine, kNow + kMaxClockSkew + seconds(1)), IdentityError::expired);
  other = said;
  other.time = kNow + kMaxClockSkew + seconds(1);
  EXPECT_EQ(error_of(signed_as(other)), IdentityError::from_future);
  SignedRetirement malformed = genuine;
  malformed.statement.pop_back();
  EXPECT_EQ(error_of(malformed), IdentityError::malformed);
}

}  // namespace
}  // namespace sotto::identity

#include "families/signed_policy.h"

#include <gtest/gtest.h>

#include "identity/test_support.h"

namespace sotto::families {
namespace {

class SignedPolicyTest : public ::testing::Test {
 protected:
  static Person name_of(const identity::testing::TestAccount& account) {
    return {account.account.id, account.account.key.public_key().fingerprint()};
  }
  Policy policy(std::uint64_t version = 1) {
    Policy out;
    out.child = name_of(child);
    out.guardian = name_of(guardian);
    out.device = guardian.device.key.public_key().fingerprint();
    out.version = version;
    return out;
  }
  Bytes signed_octets(const Policy& of) { return sign(of, guardian.device.key, random); }
  static std::optional<PolicyError> refusal(ByteView octets, const Expectation& of,
                                            const identity::VerifiedManifest& manifest) {
    const auto verified = verify(octets, of, manifest);
    return verified ? std::nullopt : std::optional(verified.error());
  }

  crypto::DeterministicRandom random{5};
  identity::testing::TestAccount guardian{random};
  identity::testing::TestAccount child{random};
  identity::testing::TestAccount other{random};
  Expectation expected{name_of(child), name_of(guardian), 0};
};

TEST_F(SignedPolicyTest, IsBelievedOfTheAcceptedGuardianForThisChildAndOnlyForward) {
  const Bytes good = signed_octets(policy(3));
  EXPECT_EQ(verify(good, expected, guardian.manifest).value(), policy(3));
  EXPECT_EQ(from_own_store(good).value(), policy(3));
  expected.version = 3;
  EXPECT_EQ(refusal(good, expected, guardian.manifest), PolicyError::not_newer);
  expected = {name_of(other), name_of(guardian), 0};
  EXPECT_EQ(refusal(good, expected, guardian.manifest), PolicyError::wrong_child);
  expected = {name_of(child), name_of(other), 0};
  EXPECT_EQ(refusal(good, expected, other.manifest), PolicyError::wrong_guardian);
  expected = {name_of(child), name_of(guardian), 0};
  EXPECT_EQ(refusal(good, expected, other.manifest), PolicyError::wrong_guardian);
}

TEST_F(SignedPolicyTest, TheDeviceMustBeTheGuardians) {
  Policy forged = policy();
  forged.device = other.device.key.public_key().fingerprint();
  EXPECT_EQ(refusal(sign(forged, other.device.key, random), expected, guardian.manifest),
            PolicyError::wrong_device);
}

TEST_F(SignedPolicyTest, EveryChangedOctetAndTruncationIsRefused) {
  const Bytes good = signed_octets(policy());
  for (std::size_t at = 0; at < good.size(); at += at < 300 ? 1 : 97) {
    Bytes changed = good;
    changed[at] ^= 1U;
    EXPECT_TRUE(refusal(changed, expected, guardian.manifest)) << at;
  }
  Bytes changed = good;
  changed.back() ^= 1U;
  EXPECT_EQ(refusal(changed, expected, guardian.manifest), PolicyError::bad_signature);
  for (std::size_t length = 0; length < good.size(); length += 13) {
    EXPECT_EQ(refusal(ByteView(good).first(length), expected, guardian.manifest), PolicyError::malformed);
  }
}

}  // namespace
}  // namespace sotto::families

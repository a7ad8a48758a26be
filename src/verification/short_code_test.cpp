#include "verification/short_code.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "bytes/hex.h"
#include "crypto/fixed_random.h"
#include "paths/paths.h"

namespace sotto::verification {
namespace {

constexpr UnixMs kNow{1'800'000'000'000};

using Json = nlohmann::json;

Bytes octets(const Json& vector, const char* name) {
  return from_hex(vector.at(name).get<std::string>()).value();
}

Party party(const Json& vector, const char* account, const char* key) {
  return {identity::AccountId(to_array<16>(octets(vector, account))),
          crypto::Fingerprint::from_octets(to_array<32>(octets(vector, key)))};
}

TEST(ShortCode, BothSeeTheDigitsOfTheVectors) {
  std::ifstream file(paths::source_dir() + "/tests/vectors/verification.json");
  const Json vectors = Json::parse(file);
  ASSERT_EQ(vectors.size(), 9U);
  for (const Json& vector : vectors) {
    const Party alice = party(vector, "account_a", "key_a");
    const Party bob = party(vector, "account_b", "key_b");
    Bytes drawn = octets(vector, "run");
    const Bytes r_a = octets(vector, "r_a");
    drawn.insert(drawn.end(), r_a.begin(), r_a.end());
    crypto::FixedRandom random_a(drawn);
    crypto::FixedRandom random_b(octets(vector, "r_b"));

    auto a = InitiatorCommitted::start(alice, bob, kNow, random_a);
    EXPECT_EQ(to_hex(a.commit().commitment), vector.at("commitment").get<std::string>());
    auto b = ResponderAnswered::start(a.commit(), bob, alice, kNow, random_b);
    auto revealing = std::move(a).receive(b.nonce(), kNow);
    ASSERT_TRUE(revealing);
    auto digits = std::move(b).receive(revealing->reveal, kNow);
    ASSERT_TRUE(digits);
    EXPECT_EQ(revealing->digits.text(), vector.at("digits").get<std::string>());
    EXPECT_EQ(digits->text(), vector.at("digits").get<std::string>());
    EXPECT_EQ(std::move(revealing->digits).same(), (VerifiedContact{bob, VerifiedBy::digits}));
    EXPECT_EQ(std::move(*digits).same(), (VerifiedContact{alice, VerifiedBy::digits}));
  }
}

class ShortCodeRun : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{4};
  Party alice = fresh();
  Party bob = fresh();

  Party fresh() {
    const auto account = random.array<16>();
    return {identity::AccountId(account), crypto::Fingerprint::from_octets(random.array<32>())};
  }
  InitiatorCommitted start() { return InitiatorCommitted::start(alice, bob, kNow, random); }
  ResponderAnswered answer(const Commit& commit) {
    return ResponderAnswered::start(commit, bob, alice, kNow, random);
  }
};

TEST_F(ShortCodeRun, TheInitiatorsKeyThatTheResponderHoldsIsChecked) {
  Party replaced = alice;
  replaced.key = fresh().key;
  auto a = start();
  auto b = ResponderAnswered::start(a.commit(), bob, replaced, kNow, random);
  const auto revealing = std::move(a).receive(b.nonce(), kNow);
  EXPECT_EQ(std::move(b).receive(revealing->reveal, kNow).error(), VerificationError::bad_reveal);
}

TEST_F(ShortCodeRun, AReplacedKeyOfTheResponderGivesOtherDigits) {
  Party replaced = bob;
  replaced.key = fresh().key;
  auto a = InitiatorCommitted::start(alice, replaced, kNow, random);
  auto b = answer(a.commit());
  const auto revealing = std::move(a).receive(b.nonce(), kNow);
  const auto digits = std::move(b).receive(revealing->reveal, kNow);
  ASSERT_TRUE(digits);
  EXPECT_NE(digits->text(), revealing->digits.text());
}

TEST_F(ShortCodeRun, SomebodyInBetweenWithARunOfHisOwnOnEachSideIsSeen) {
  // Mallory is the responder towards Alice and the initiator towards Bob, each with a key of hers.
  Party as_bob = bob;
  as_bob.key = fresh().key;
  Party as_alice = alice;
  as_alice.key = fresh().key;
  auto a = InitiatorCommitted::start(alice, as_bob, kNow, random);
  auto left = ResponderAnswered::start(a.commit(), as_bob, alice, kNow, random);
  auto right = InitiatorCommitted::start(as_alice, bob, kNow, random);
  auto b = ResponderAnswered::start(right.commit(), bob, as_alice, kNow, random);
  const auto seen_by_alice = std::move(a).receive(left.nonce(), kNow);
  const auto to_bob = std::move(right).receive(b.nonce(), kNow);
  const auto seen_by_bob = std::move(b).receive(to_bob->reveal, kNow);
  ASSERT_TRUE(seen_by_alice && seen_by_bob);
  EXPECT_NE(seen_by_alice->digits.text(), seen_by_bob->text());
}

TEST_F(ShortCodeRun, ANonceChosenAfterTheOtherIsKnownDoesNotFitTheCommitment) {
  auto a = start();
  auto b = answer(a.commit());
  auto revealing = std::move(a).receive(b.nonce(), kNow);
  for (std::size_t at = 0; at < revealing->reveal.nonce.size(); ++at) {
    Reveal changed = revealing->reveal;
    changed.nonce[at] ^= 1U;
    EXPECT_EQ(ResponderAnswered(b).receive(changed, kNow).error(), VerificationError::bad_reveal);
  }
  EXPECT_TRUE(std::move(b).receive(revealing->reveal, kNow));
}

TEST_F(ShortCodeRun, ACommitSentBackToItsMakerIsNoRunOfTheContacts) {
  auto a = start();
  auto reflected = ResponderAnswered::start(a.commit(), alice, bob, kNow, random);
  const auto revealing = std::move(a).receive(reflected.nonce(), kNow);
  EXPECT_EQ(std::move(reflected).receive(revealing->reveal, kNow).error(), VerificationError::bad_reveal);
}

TEST_F(ShortCodeRun, MessagesOfAnotherRunAreNotForThisOne) {
  auto a = start();
  const auto other = answer(start().commit());
  EXPECT_FALSE(a.is_for(other.nonce()));
  EXPECT_EQ(std::move(a).receive(other.nonce(), kNow).error(), VerificationError::other_run);
  auto b = answer(start().commit());
  const Reveal strange{{1}, {}, {}};
  EXPECT_FALSE(b.is_for(strange));
  EXPECT_EQ(std::move(b).receive(strange, kNow).error(), VerificationError::other_run);
}

TEST_F(ShortCodeRun, ARevealToTheDeviceThatAnsweredFirstIsNotForAnother) {
  auto a = start();
  auto tablet = answer(a.commit());
  auto laptop = answer(a.commit());
  const auto revealing = std::move(a).receive(tablet.nonce(), kNow);
  EXPECT_FALSE(laptop.is_for(revealing->reveal));
  EXPECT_EQ(std::move(laptop).receive(revealing->reveal, kNow).error(), VerificationError::other_run);
  EXPECT_EQ(std::move(tablet).receive(revealing->reveal, kNow)->text(), revealing->digits.text());
}

TEST_F(ShortCodeRun, GoesOnAfterItWasKeptInAStore) {
  auto a = start();
  auto b = answer(a.commit());
  auto again = InitiatorCommitted::restore(a.stored(), alice, bob);
  EXPECT_EQ(again.commit().commitment, a.commit().commitment);
  auto b_again = ResponderAnswered::restore(b.stored(), a.commit().commitment, bob, alice);
  const auto revealing = std::move(again).receive(b.nonce(), kNow);
  ASSERT_TRUE(revealing);
  const auto late = UnixMs{kNow.value + kRunLifetime.value};
  EXPECT_EQ(ResponderAnswered(b_again).receive(revealing->reveal, late).error(), VerificationError::expired);
  const auto digits = std::move(b_again).receive(revealing->reveal, kNow);
  ASSERT_TRUE(digits);
  EXPECT_EQ(digits->text(), revealing->digits.text());
}

TEST_F(ShortCodeRun, IsOverAfterTenMinutesOrWhenTheClockGoesBack) {
  for (const UnixMs late : {kNow + kRunLifetime, UnixMs{kNow.value - 1}}) {
    auto a = start();
    auto b = answer(a.commit());
    EXPECT_EQ(InitiatorCommitted(a).receive(b.nonce(), late).error(), VerificationError::expired);
    const auto revealing = std::move(a).receive(b.nonce(), UnixMs{kNow.value + kRunLifetime.value - 1});
    ASSERT_TRUE(revealing);
    EXPECT_EQ(std::move(b).receive(revealing->reveal, late).error(), VerificationError::expired);
  }
}

}  // namespace
}  // namespace sotto::verification

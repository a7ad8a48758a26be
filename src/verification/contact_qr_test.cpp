#include "verification/contact_qr.h"

#include <gtest/gtest.h>

#include "crypto/random.h"

namespace sotto::verification {
namespace {

class ContactQrTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{6};
  Party alice = fresh();
  Party bob = fresh();
  ContactQr shown{alice, bob};  // on Alice's screen

  Party fresh() {
    const auto account = random.array<16>();
    return {identity::AccountId(account), crypto::Fingerprint::from_octets(random.array<32>())};
  }
};

TEST_F(ContactQrTest, OneScanVerifiesTheContact) {
  const auto scanned = parse_contact_qr(qr_text(shown));
  ASSERT_TRUE(scanned);
  EXPECT_EQ(compare(*scanned, bob, alice), (VerifiedContact{alice, VerifiedBy::qr}));
}

TEST_F(ContactQrTest, EveryDifferenceIsSeenAndSaysWhoseKeyItIs) {
  EXPECT_EQ(compare(shown, alice, bob).error(), VerificationError::other_contact);
  EXPECT_EQ(compare(shown, bob, fresh()).error(), VerificationError::other_contact);
  EXPECT_EQ(compare(shown, fresh(), alice).error(), VerificationError::other_contact);
  for (std::size_t at = 0; at < 32; ++at) {
    const auto with_other_key = [at](Party party) {
      auto octets = party.key.octets();
      octets[at] ^= 1U;
      party.key = crypto::Fingerprint::from_octets(octets);
      return party;
    };
    EXPECT_EQ(compare(shown, bob, with_other_key(alice)).error(), VerificationError::their_key_differs);
    EXPECT_EQ(compare(shown, with_other_key(bob), alice).error(), VerificationError::my_key_differs);
  }
}

TEST_F(ContactQrTest, TheTextIsReadInEitherCaseAndRefusedWithAnythingElseWrong) {
  const std::string text = qr_text(shown);
  EXPECT_EQ(text.size(), 15U + 154U);
  EXPECT_EQ(text.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"), std::string::npos);
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_EQ(parse_contact_qr(text.substr(0, length)).error(), VerificationError::malformed);
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string bad = text;
    bad[at] = '!';
    EXPECT_EQ(parse_contact_qr(bad).error(), VerificationError::malformed);
  }
  EXPECT_FALSE(parse_contact_qr(text + "A"));
  EXPECT_FALSE(parse_contact_qr("SOTTO:VERIFY/2/" + text.substr(15)));
  EXPECT_FALSE(parse_contact_qr("SOTTO:LINK/1/" + text.substr(15)));
}

}  // namespace
}  // namespace sotto::verification

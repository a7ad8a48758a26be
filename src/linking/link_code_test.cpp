#include "linking/link_code.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "bytes/hex.h"
#include "crypto/fixed_random.h"
#include "crypto/hash.h"
#include "linking/link_qr.h"

namespace sotto::linking {
namespace {

LinkQr sample_qr() {
  crypto::DeterministicRandom random(5);
  return {identity::AccountId(random.array<16>()), crypto::Fingerprint::from_octets(random.array<32>()),
          crypto::Fingerprint::from_octets(random.array<32>()), crypto::random_secret<QrSecret>(random)};
}

TEST(LinkCode, EveryDigitOfEveryPlaceIsEquallyLikely) {
  crypto::DeterministicRandom random(1);
  constexpr int kCodes = 60'000;
  std::array<std::array<int, 10>, 6> counts{};
  for (int i = 0; i < kCodes; ++i) {
    std::string text = LinkCode::generate(random).text();
    text.erase(3, 1);
    for (std::size_t place = 0; place < 6; ++place)
      ++counts[place][static_cast<std::size_t>(text[place] - '0')];
  }
  // Six standard deviations of a binomial: 6 * sqrt(60000 * 0.1 * 0.9) = 441.
  for (const auto& place : counts) {
    for (const int count : place) EXPECT_NEAR(count, kCodes / 10, 441);
  }
}

TEST(LinkCode, ValuesThatWouldFavourSomeCodesAreDrawnAgain) {
  crypto::FixedRandom last_accepted(*from_hex("f423ff"));  // 15,999,999
  EXPECT_EQ(LinkCode::generate(last_accepted).text(), "999 999");
  crypto::FixedRandom refused(*from_hex("f42400ffffff000001"));  // 16,000,000 and above, then 1
  EXPECT_EQ(LinkCode::generate(refused).text(), "000 001");
}

TEST(LinkCode, IsReadAsPeopleTypeIt) {
  for (const char* typed : {"123456", "123 456", " 123-456 ", "1 2 3 4 5 6"}) {
    const auto code = LinkCode::parse(typed);
    ASSERT_TRUE(code) << typed;
    EXPECT_EQ(code->text(), "123 456");
  }
  for (const char* typed : {"", "12345", "1234567", "12345x", "१२३४५६", "123.456"}) {
    EXPECT_FALSE(LinkCode::parse(typed)) << typed;
  }
}

TEST(LinkCode, DiffersForEachAccountAndFromAQrSecret) {
  const auto tagged = [](const RunSecret& secret) {
    return to_hex(crypto::hmac_sha384(secret.password, {}));
  };
  const identity::AccountId alice(ByteArray<16>{1});
  const identity::AccountId bob(ByteArray<16>{2});
  const auto code = LinkCode::parse("123456").value();
  const auto secret = QrSecret::copy_of(Bytes(32, '1'));
  const std::set<std::string> all{tagged(code.for_account(alice)), tagged(code.for_account(bob)),
                                  tagged(LinkCode::parse("123457")->for_account(alice)),
                                  tagged(run_secret(alice, secret)), tagged(run_secret(bob, secret))};
  EXPECT_EQ(all.size(), 5U);
  EXPECT_FALSE(code.for_account(alice).qr);
  EXPECT_TRUE(crypto::constant_time_equal(*run_secret(alice, secret).qr, Bytes(32, '1')));
}

TEST(LinkQrText, ComesBackAsItWas) {
  const LinkQr qr = sample_qr();
  const std::string text = qr_text(qr);
  EXPECT_EQ(text.size(), 13U + 180U);
  const auto parsed = parse_link_qr(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->account, qr.account);
  EXPECT_EQ(parsed->account_key, qr.account_key);
  EXPECT_EQ(parsed->trusted_key, qr.trusted_key);
  EXPECT_EQ(qr_text(*parsed), text);
}

TEST(LinkQrText, StaysInTheAlphanumericSetOfQrCodes) {
  EXPECT_EQ(qr_text(sample_qr()).find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"),
            std::string::npos);
}

TEST(LinkQrText, IsRefusedCutShortLengthenedOrWithForeignParts) {
  const std::string text = qr_text(sample_qr());
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_EQ(parse_link_qr(text.substr(0, length)).error(), LinkingError::malformed);
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string bad = text;
    bad[at] = '!';
    EXPECT_EQ(parse_link_qr(bad).error(), LinkingError::malformed);
  }
  EXPECT_EQ(parse_link_qr(text + "A").error(), LinkingError::malformed);
  EXPECT_EQ(parse_link_qr("SOTTO:LINK/2/" + text.substr(13)).error(), LinkingError::malformed);
}

}  // namespace
}  // namespace sotto::linking

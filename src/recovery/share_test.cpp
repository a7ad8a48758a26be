#include "recovery/share.h"

#include <gtest/gtest.h>

#include <bit>
#include <functional>

namespace sotto::recovery {
namespace {

class ShareTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{12};
  RecoverySeed opener = crypto::random_secret<RecoverySeed>(random);
  AccountName owner{identity::AccountId(random.array<16>()),
                    crypto::Fingerprint::from_octets(random.array<32>())};
  SetId set = random.array<16>();
  std::vector<Share> shares = make_shares(opener, owner, set, 2, 3, random).value();

  /// As a contact that holds `share` would alter it.
  static RecoveryResult<Share> altered(const Share& share, std::size_t at) {
    auto octets = share_octets(share);
    octets[at] ^= 1U;
    ShareTerms terms = share.terms;
    terms.digests.clear();
    return parse_share(std::move(terms), share.index, octets);
  }
  /// A set that fits itself and was not made by the owner: equal terms but for the digests.
  std::vector<Share> forged() { return make_shares(opener, owner, set, 2, 3, random).value(); }
};

TEST_F(ShareTest, EverySubsetOfEnoughSharesGivesTheOpener) {
  const auto five = make_shares(opener, owner, set, 3, 5, random).value();
  for (std::uint32_t members = 0; members < 32; ++members) {
    std::vector<Share> given;
    for (std::size_t i = 0; i < 5; ++i) {
      if ((members >> i & 1U) != 0) given.push_back(five[i].clone());
    }
    const auto combined = combine_shares(given);
    if (std::popcount(members) < 3) {
      EXPECT_EQ(combined.error(), RecoveryError::too_few_shares) << members;
    } else {
      ASSERT_TRUE(combined) << members;
      EXPECT_EQ(seed_text(combined->opener), seed_text(opener));
      EXPECT_EQ(combined->terms, five[0].terms);
    }
  }
}

TEST_F(ShareTest, TheSameShareTwiceIsNotTwo) {
  std::vector<Share> given;
  for (int i = 0; i < 3; ++i) given.push_back(shares[1].clone());
  EXPECT_EQ(combine_shares(given).error(), RecoveryError::too_few_shares);
}

TEST_F(ShareTest, BothFormsComeBack) {
  for (const Share& share : shares) {
    ShareTerms terms = share.terms;
    terms.digests.clear();
    const auto parsed = parse_share(terms, share.index, share_octets(share));
    ASSERT_TRUE(parsed) << describe(parsed.error());
    EXPECT_EQ(encode(*parsed), encode(share));
    const auto decoded = decode_share(encode(share));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(encode(*decoded), encode(share));
    EXPECT_EQ(share_hash(*decoded), share_hash(share));
  }
  EXPECT_NE(share_hash(shares[0]), share_hash(shares[1]));
}

TEST_F(ShareTest, EveryTruncationIsRefused) {
  const auto octets = encode(shares[0]);
  for (std::size_t length = 0; length < octets.size(); ++length) {
    EXPECT_EQ(decode_share(ByteView(octets).first(length)).error(), RecoveryError::malformed) << length;
  }
  auto longer = octets;
  longer.push_back(0);
  EXPECT_EQ(decode_share(longer).error(), RecoveryError::malformed);
  const auto wire = share_octets(shares[0]);
  ShareTerms terms = shares[0].terms;
  terms.digests.clear();
  for (std::size_t length = 0; length < wire.size(); ++length) {
    EXPECT_FALSE(parse_share(terms, 1, ByteView(wire).first(length))) << length;
  }
}

TEST_F(ShareTest, AChangedShareIsFoundOut) {
  const std::size_t own_digests = 20 + 3 * 32;
  for (std::size_t at = 0; at < own_digests; ++at) {
    const auto parsed = altered(shares[1], at);
    const bool own = at < 20 || (at >= 20 + 32 && at < 20 + 64);  // its value, or its digest
    if (own) {
      EXPECT_EQ(parsed.error(), RecoveryError::wrong_share) << at;
    } else {
      // Another's digest: the share itself still fits, the sets do not.
      ASSERT_TRUE(parsed) << at;
      std::vector<Share> given;
      given.push_back(shares[0].clone());
      given.push_back(parsed->clone());
      EXPECT_EQ(combine_shares(given).error(), RecoveryError::mixed_shares) << at;
    }
  }
}

TEST_F(ShareTest, IsBoundToItsAccountKeySetSlotAndNumbers) {
  const auto octets = share_octets(shares[0]);
  const auto parse = [&](const std::function<void(ShareTerms&)>& change, std::uint32_t index = 1) {
    ShareTerms terms = shares[0].terms;
    terms.digests.clear();
    change(terms);
    return parse_share(terms, index, octets);
  };
  ASSERT_TRUE(parse([](ShareTerms&) {}));
  EXPECT_EQ(parse([&](ShareTerms& t) { t.owner.account = identity::AccountId(); }).error(),
            RecoveryError::wrong_share);
  EXPECT_EQ(parse([&](ShareTerms& t) { t.owner.key = crypto::Fingerprint::from_octets({}); }).error(),
            RecoveryError::wrong_share);
  EXPECT_EQ(parse([&](ShareTerms& t) { t.set[0] ^= 1U; }).error(), RecoveryError::wrong_share);
  EXPECT_EQ(parse([&](ShareTerms& t) { t.slot[0] ^= 1U; }).error(), RecoveryError::wrong_share);
  EXPECT_EQ(parse([&](ShareTerms& t) { t.threshold = 3; }).error(), RecoveryError::wrong_share);
  EXPECT_EQ(parse([&](ShareTerms& t) { t.threshold = 1; }).error(), RecoveryError::bad_terms);
  EXPECT_EQ(parse([&](ShareTerms& t) { t.threshold = 4; }).error(), RecoveryError::bad_terms);
  EXPECT_EQ(parse([](ShareTerms&) {}, 2).error(), RecoveryError::wrong_share);
  EXPECT_EQ(parse([](ShareTerms&) {}, 0).error(), RecoveryError::bad_terms);
  EXPECT_EQ(parse([](ShareTerms&) {}, 4).error(), RecoveryError::bad_terms);
}

TEST_F(ShareTest, OneForgedShareDoesNotKeepTheOthersFromWorking) {
  const auto others = forged();
  std::vector<Share> given;
  given.push_back(others[2].clone());
  given.push_back(shares[0].clone());
  EXPECT_EQ(combine_shares(given).error(), RecoveryError::mixed_shares);
  given.push_back(shares[1].clone());
  const auto combined = combine_shares(given);
  ASSERT_TRUE(combined);
  EXPECT_EQ(seed_text(combined->opener), seed_text(opener));
}

TEST_F(ShareTest, SharesOfAnotherSecretDoNotGiveTheSlotTheyName) {
  // Made by somebody who holds no share but knows the terms: the slot is another secret's.
  const auto other = crypto::random_secret<RecoverySeed>(random);
  const auto own = make_shares(other, owner, set, 2, 3, random).value();
  std::vector<Share> given;
  for (std::size_t i = 0; i < 2; ++i) {
    given.push_back(own[i].clone());
    given.back().terms.slot = shares[0].terms.slot;
  }
  EXPECT_EQ(combine_shares(given).error(), RecoveryError::wrong_share);
}

TEST_F(ShareTest, NumbersOutsideTheLimitsAreRefused) {
  for (const auto& [threshold, count] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 3}, {1, 3}, {4, 3}, {2, 17}, {2, 0}, {2, 1}, {300, 300}}) {
    EXPECT_EQ(make_shares(opener, owner, set, threshold, count, random).error(), RecoveryError::bad_terms);
  }
  EXPECT_TRUE(make_shares(opener, owner, set, 16, 16, random));
}

}  // namespace
}  // namespace sotto::recovery

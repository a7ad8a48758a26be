#include "server/link_offers.h"

#include <gtest/gtest.h>

namespace sotto::server {
namespace {

using identity::AccountId;
using transport::ConnectionId;

constexpr UnixMs kNow{1'800'000'000'000};

AccountId account(std::uint8_t number) { return AccountId({number}); }
LinkId link(std::uint8_t number) { return LinkId({number}); }

LinkOffer offer(std::uint8_t number, std::uint64_t connection) {
  return {.id = link(number),
          .account = account(number),
          .trusted = ConnectionId(connection),
          .joined = std::nullopt,
          .by_password = true,
          .until = kNow + kLinkOpen};
}

TEST(LinkOffers, AnIdOfAnotherAccountIsTaken) {
  LinkOffers offers;
  ASSERT_TRUE(offers.open(offer(1, 1)));
  LinkOffer other = offer(2, 2);
  other.id = link(1);
  EXPECT_EQ(offers.open(other).error(), LinkOfferError::id_taken);
  ASSERT_TRUE(offers.open(offer(1, 3)));  // the same account, from another connection
  EXPECT_EQ(offers.size(), 1U);
  EXPECT_FALSE(offers.close(ConnectionId(1)));
  EXPECT_TRUE(offers.close(ConnectionId(3)));
  EXPECT_EQ(offers.size(), 0U);
}

TEST(LinkOffers, AreBounded) {
  LinkOffers offers;
  for (std::size_t i = 0; i < kMaxLinkOffers; ++i) {
    LinkOffer each = offer(1, i + 1);
    ByteArray<16> name{};
    for (std::size_t at = 0; at < 4; ++at) name[at] = static_cast<std::uint8_t>(i >> (8 * at));
    each.id = LinkId(name);
    each.account = AccountId(name);
    ASSERT_TRUE(offers.open(each));
  }
  LinkOffer more = offer(1, 1'000'000);
  more.id = LinkId({9, 9, 9, 9, 9});
  more.account = AccountId({9, 9, 9, 9, 9});
  EXPECT_EQ(offers.open(more).error(), LinkOfferError::too_many);
  EXPECT_EQ(offers.expire(kNow + kLinkOpen).size(), kMaxLinkOffers);
  EXPECT_TRUE(offers.open(more));
}

TEST(LinkOffers, OneConnectionJoinsOneLink) {
  LinkOffers offers;
  ASSERT_TRUE(offers.open(offer(1, 1)));
  ASSERT_TRUE(offers.open(offer(2, 2)));
  ASSERT_TRUE(offers.join(link(1), ConnectionId(3), kNow));
  EXPECT_EQ(offers.join(link(2), ConnectionId(3), kNow).error(), LinkOfferError::no_such_link);
  EXPECT_EQ(offers.join(link(2), ConnectionId(2), kNow).error(), LinkOfferError::no_such_link);
  EXPECT_EQ(offers.join(account(3), ConnectionId(4), kNow).error(), LinkOfferError::no_such_link);
}

TEST(LinkOffers, CountMessagesOfEachSide) {
  LinkOffers offers;
  ASSERT_TRUE(offers.open(offer(1, 1)));
  ASSERT_TRUE(offers.join(account(1), ConnectionId(2), kNow));
  for (std::uint32_t i = 0; i < kMaxLinkMessages; ++i) {
    const auto from_trusted = offers.message(ConnectionId(1), kNow);
    ASSERT_TRUE(from_trusted);
    EXPECT_EQ(from_trusted->other(ConnectionId(1)), ConnectionId(2));
    ASSERT_TRUE(offers.message(ConnectionId(2), kNow));
  }
  EXPECT_EQ(offers.message(ConnectionId(1), kNow).error(), LinkOfferError::too_much);
  EXPECT_EQ(offers.message(ConnectionId(2), kNow + kLinkRun).error(), LinkOfferError::no_such_link);
}

}  // namespace
}  // namespace sotto::server

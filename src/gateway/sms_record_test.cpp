#include "gateway/sms_record.h"

#include <gtest/gtest.h>

#include "crypto/random.h"

namespace sotto::gateway {
namespace {

class SmsRecordTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{1};
  TextRecord text{.account = identity::AccountId(random.array<16>()),
                  .id = SmsId(random.array<16>()),
                  .accepted = {5},
                  .reported = {6},
                  .parts = 3,
                  .state = SmsState::at_carrier,
                  .owed = true,
                  .from = "+46700000001",
                  .to = "+46701112233",
                  .text = "hej"};
  RouteRecord route{.account = text.account,
                    .created = {1},
                    .last_used = {2},
                    .stopped = true,
                    .number = "+46700000001",
                    .peer = "+46701112233"};
};

TEST_F(SmsRecordTest, SurvivesTheRoundTrip) {
  EXPECT_EQ(decode_text(encode(text)), text);
  EXPECT_EQ(decode_route(encode(route)), route);
  const SmsRef ref(random.array<16>());
  EXPECT_EQ(ref_of(text_key(ref)), ref);
  EXPECT_FALSE(ref_of(route_key("1", "2")));
  EXPECT_NE(route_key("12", "3"), route_key("1", "23"));
}

TEST_F(SmsRecordTest, IsRefusedWhenCutAnywhereOrLonger) {
  for (const Bytes& whole : {encode(text), encode(route)}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      EXPECT_FALSE(decode_text(ByteView(whole).first(length))) << length;
      EXPECT_FALSE(decode_route(ByteView(whole).first(length))) << length;
    }
    Bytes longer = whole;
    longer.push_back(0);
    EXPECT_FALSE(decode_text(longer));
    EXPECT_FALSE(decode_route(longer));
  }
}

TEST_F(SmsRecordTest, IsRefusedWithStatesAndFlagsThatDoNotExist) {
  Bytes octets = encode(text);
  constexpr std::size_t kState = 1 + 16 + 16 + 8 + 8 + 1;
  for (const std::uint8_t state : ByteArray<2>{0, 7}) {
    octets[kState] = state;
    EXPECT_FALSE(decode_text(octets));
  }
  octets = encode(text);
  octets[kState + 1] = 2;
  EXPECT_FALSE(decode_text(octets));
  octets = encode(route);
  octets[1 + 16 + 8 + 8] = 2;
  EXPECT_FALSE(decode_route(octets));
  octets[0] = 2;
  EXPECT_FALSE(decode_route(octets));
}

}  // namespace
}  // namespace sotto::gateway

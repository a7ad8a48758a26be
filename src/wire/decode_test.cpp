#include "wire/decode.h"

#include <gtest/gtest.h>

#include "sotto/v1/content.pb.h"
#include "sotto/v1/stream.pb.h"

namespace sotto::wire {
namespace {

v1::ClientFrame sample() {
  v1::ClientFrame frame;
  frame.set_request_id(7);
  auto* target = frame.mutable_submit()->add_targets();
  target->set_account(std::string(16, 'a'));
  auto* device = target->add_devices();
  device->set_device(std::string(16, 'd'));
  device->add_envelopes(std::string(300, 'e'));
  return frame;
}

TEST(Decode, RoundTripsAFrame) {
  const Bytes octets = encode(sample());
  v1::ClientFrame parsed;
  ASSERT_TRUE(decode(octets, kMaxFrameBytes, parsed));
  EXPECT_EQ(encode(parsed), octets);
}

TEST(Decode, NeverCrashesOnTruncationAndNeverYieldsTheWholeMessage) {
  const Bytes octets = encode(sample());
  for (std::size_t length = 0; length < octets.size(); ++length) {
    v1::ClientFrame parsed;
    if (decode(ByteView(octets).first(length), kMaxFrameBytes, parsed)) {
      EXPECT_NE(encode(parsed), octets) << length;
    }
  }
}

TEST(Decode, RefusesInputOverTheBoundBeforeParsing) {
  v1::ClientFrame parsed;
  const auto result = decode(Bytes(101, 0), 100, parsed);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), DecodeError::too_large);
}

TEST(Decode, RefusesGarbageAndTextThatIsNotUtf8) {
  v1::Text text;
  const auto garbage = decode(Bytes{0xff, 0xff, 0xff}, 100, text);
  ASSERT_FALSE(garbage);
  EXPECT_EQ(garbage.error(), DecodeError::malformed);
  const auto invalid_text = decode(Bytes{0x0a, 0x02, 0xc3, 0x28}, 100, text);
  ASSERT_FALSE(invalid_text);
  EXPECT_EQ(invalid_text.error(), DecodeError::malformed);
}

}  // namespace
}  // namespace sotto::wire

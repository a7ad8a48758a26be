#include "verification/messages.h"

#include <gtest/gtest.h>

#include "sotto/v1/verification.pb.h"
#include "wire/decode.h"

namespace sotto::verification {
namespace {

const VerificationMessage kSamples[] = {Commit{{1}, {2}}, ResponderNonce{{3}, {4}}, Reveal{{5}, {6}, {7}}};

TEST(VerificationMessages, ComeBackAsTheyWereAndAreRefusedAtEveryShorterLength) {
  for (const VerificationMessage& message : kSamples) {
    const Bytes octets = encode(message);
    const auto decoded = decode_verification_message(octets);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->index(), message.index());
    EXPECT_EQ(encode(*decoded), octets);
    for (std::size_t length = 0; length < octets.size(); ++length) {
      EXPECT_FALSE(decode_verification_message(ByteView(octets).first(length))) << length;
    }
  }
}

TEST(VerificationMessages, FieldsOfOtherLengthsAreRefused) {
  const auto refused = [](const VerificationMessage& sample, const auto& change) {
    v1::VerificationMessage message;
    EXPECT_TRUE(wire::decode(encode(sample), kMaxVerificationMessage, message));
    change(message);
    const auto decoded = decode_verification_message(wire::encode(message));
    return !decoded && decoded.error() == VerificationError::malformed;
  };
  EXPECT_FALSE(refused(kSamples[0], [](auto&) {}));
  EXPECT_TRUE(refused(kSamples[0], [](auto& m) { m.clear_run(); }));
  EXPECT_TRUE(refused(kSamples[0], [](auto& m) { m.mutable_run()->push_back('x'); }));
  EXPECT_TRUE(refused(kSamples[0], [](auto& m) { m.clear_step(); }));
  EXPECT_TRUE(refused(kSamples[0], [](auto& m) { m.mutable_commitment()->pop_back(); }));
  EXPECT_TRUE(refused(kSamples[1], [](auto& m) { m.mutable_responder_nonce()->push_back('x'); }));
  EXPECT_TRUE(refused(kSamples[2], [](auto& m) { m.mutable_initiator_nonce()->pop_back(); }));
  EXPECT_TRUE(refused(kSamples[2], [](auto& m) { m.mutable_answered()->pop_back(); }));
  EXPECT_TRUE(refused(kSamples[2], [](auto& m) { m.clear_answered(); }));
  EXPECT_FALSE(decode_verification_message(Bytes(kMaxVerificationMessage + 1)));
}

}  // namespace
}  // namespace sotto::verification

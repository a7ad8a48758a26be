#include "linking/messages.h"

#include <gtest/gtest.h>

#include "linking/limits.h"
#include "linking/run_keys.h"
#include "linking/test_support.h"
#include "sotto/v1/linking.pb.h"
#include "wire/decode.h"

namespace sotto::linking {
namespace {

using testing::kNow;
using testing::LinkingTest;

class MessagesTest : public LinkingTest {
 protected:
  std::vector<LinkMessage> samples() {
    auto run = replied(start(), offer());
    const LinkReply reply = run.trusted.reply();
    return {start().hello(),
            reply,
            std::move(run.fresh).confirm(alice.manifest, "", {}, kNow, random).value().confirm(),
            LinkAccept{random.array<48>()},
            LinkSealedGrant{Bytes(100, 1)},
            LinkAbort{}};
  }
};

TEST_F(MessagesTest, ComeBackAsTheyWere) {
  for (const LinkMessage& message : samples()) {
    const Bytes octets = encode(message);
    const auto decoded = decode_link_message(octets);
    ASSERT_TRUE(decoded) << message.index();
    EXPECT_EQ(decoded->index(), message.index());
    EXPECT_EQ(encode(*decoded), octets);
  }
}

TEST_F(MessagesTest, AreRefusedAtEveryShorterLength) {
  for (const LinkMessage& message : samples()) {
    const Bytes octets = encode(message);
    for (std::size_t length = 0; length < octets.size(); ++length) {
      ASSERT_FALSE(decode_link_message(ByteView(octets).first(length))) << message.index() << " " << length;
    }
  }
}

TEST_F(MessagesTest, FieldsOfOtherLengthsAndKeysThatAreNoneAreRefused) {
  const auto rejects = [&](std::size_t sample, const auto& change) {
    v1::LinkMessage message;
    EXPECT_TRUE(wire::decode(encode(samples()[sample]), kMaxLinkMessage, message));
    change(message);
    const auto decoded = decode_link_message(wire::encode(message));
    return !decoded && decoded.error() == LinkingError::malformed;
  };
  EXPECT_FALSE(rejects(0, [](v1::LinkMessage&) {}));
  EXPECT_TRUE(rejects(0, [](auto& m) { m.mutable_hello()->mutable_share()->push_back('x'); }));
  EXPECT_TRUE(rejects(0, [](auto& m) { m.mutable_hello()->set_share(std::string(33, '\0')); }));
  EXPECT_TRUE(rejects(0, [](auto& m) { m.mutable_hello()->set_share("\x02" + std::string(32, '\xff')); }));
  EXPECT_TRUE(rejects(0, [](auto& m) { m.mutable_hello()->mutable_encapsulation_key()->pop_back(); }));
  EXPECT_TRUE(
      rejects(0, [](auto& m) { m.mutable_hello()->set_encapsulation_key(std::string(1184, '\xff')); }));
  EXPECT_TRUE(rejects(0, [](auto& m) { m.mutable_hello()->clear_device_fingerprint(); }));
  EXPECT_TRUE(rejects(1, [](auto& m) { m.mutable_reply()->clear_share(); }));
  EXPECT_TRUE(rejects(1, [](auto& m) { m.mutable_reply()->mutable_ciphertext()->pop_back(); }));
  EXPECT_TRUE(rejects(1, [](auto& m) { m.mutable_reply()->mutable_device_fingerprint()->push_back('x'); }));
  EXPECT_TRUE(rejects(2, [](auto& m) { m.mutable_confirm()->mutable_mac()->pop_back(); }));
  EXPECT_TRUE(rejects(2, [](auto& m) { m.mutable_confirm()->mutable_sealed_device()->push_back('x'); }));
  EXPECT_TRUE(rejects(3, [](auto& m) { m.mutable_accept()->mutable_mac()->push_back('x'); }));
  EXPECT_TRUE(
      rejects(4, [](auto& m) { m.mutable_grant()->set_sealed(std::string(kMaxSealedGrant + 1, 'x')); }));
  EXPECT_TRUE(rejects(5, [](auto& m) { m.clear_abort(); }));
  EXPECT_FALSE(decode_link_message(Bytes(kMaxLinkMessage + 1)));
}

}  // namespace
}  // namespace sotto::linking

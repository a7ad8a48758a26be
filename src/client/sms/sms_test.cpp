// Texts to telephone numbers, and what a message may demand, without a real gateway. With one:
// tests/journeys/sms_test.py.
#include "bytes/hex.h"
#include "client/conversations/commands.h"
#include "client/sms/texts.h"
#include "client/test_clients.h"

namespace sotto::client {
namespace {

constexpr std::string_view kNumber = "+46701112233";
constexpr std::string_view kThere = "sms:+46701112233";

class SmsTest : public testing::CoreTest {
 protected:
  template <typename Body>
  auto command(testing::TestClient& client, Body body) {
    auto outcome = client.core->command(now_, body).value();
    perform(client, std::move(outcome.effects));
    return std::move(outcome.value);
  }
  void allow(testing::TestClient& client, bool allowed = true) {
    ASSERT_TRUE(command(client, [&](Work& work) { return set_sms_permission(work, kNumber, allowed); }));
  }
  std::optional<ComposeError> write(testing::TestClient& client, std::string_view to, std::string_view words,
                                    const EntryOptions& options = {}) {
    v1::Content content;
    content.mutable_text()->set_body(std::string(words));
    const auto sent = command(client, [&](Work& work) { return send_entry(work, to, content, options); });
    return sent ? std::nullopt : std::optional(sent.error());
  }
  void tell(testing::TestClient& client, const v1::GatewayEvent& event) {
    v1::ServerFrame frame;
    auto& envelope = *frame.mutable_deliver()->add_envelopes();
    envelope.set_sequence(1000 + ++told_);
    envelope.set_gateway_event(event.SerializeAsString());
    perform(client, client.core->receive(frame, now_).value());
  }
  void report(testing::TestClient& client, const v1::Message& message, v1::SmsReport::State state) {
    v1::GatewayEvent event;
    event.mutable_report()->set_id(wire::field(*from_hex(message.message_id())));
    event.mutable_report()->set_state(state);
    tell(client, event);
  }
  static v1::GatewayEvent received(std::string_view from, std::string_view text) {
    v1::GatewayEvent event;
    event.mutable_received()->set_id(std::string(16, 'i'));
    event.mutable_received()->set_from(std::string(from));
    event.mutable_received()->set_text(std::string(text));
    return event;
  }

  std::uint64_t told_ = 0;
};

TEST_F(SmsTest, NothingGoesToANumberThatTheUserDidNotAllow) {
  sign_up_both();
  EXPECT_EQ(write(alice_, kThere, "hej"), ComposeError::sms_not_allowed);
  allow(alice_);
  EXPECT_EQ(write(alice_, kThere, "look", {.reply_to = {}, .lifetime = {}, .with_files = true}),
            ComposeError::sms_text_only)
      << "not without its files either";
  EXPECT_EQ(write(alice_, kThere, "hej"), std::nullopt);
  const auto message = alice_.newest(kThere);
  EXPECT_EQ(message.conversation(), kThere);
  EXPECT_EQ(message.security().channel(), v1::SecurityState::SMS);
  EXPECT_FALSE(message.security().end_to_end());
  EXPECT_EQ(message.security().pq_level(), v1::SecurityState::PQ_NONE);
  allow(alice_, false);
  EXPECT_EQ(alice_.newest(kThere).state(), v1::Message::FAILED) << "it had not left";
  EXPECT_EQ(write(alice_, kThere, "hej"), ComposeError::sms_not_allowed);
  EXPECT_EQ(command(alice_, [](Work& work) { return set_sms_permission(work, "bob", true); }).error(),
            ComposeError::bad_handle);
}

TEST_F(SmsTest, TextsLeaveAsTextsAndReportsSayWhatBecameOfThem) {
  sign_up_both();
  allow(alice_);
  write(alice_, kThere, "hej");
  settle();
  EXPECT_EQ(alice_.newest(kThere).state(), v1::Message::SENT);
  report(alice_, alice_.newest(kThere), v1::SmsReport::AT_CARRIER);
  EXPECT_EQ(alice_.newest(kThere).state(), v1::Message::SENT);
  report(alice_, alice_.newest(kThere), v1::SmsReport::NO_REPORT);
  EXPECT_EQ(alice_.newest(kThere).state(), v1::Message::SENT);
  report(alice_, alice_.newest(kThere), v1::SmsReport::DELIVERED);
  EXPECT_EQ(alice_.newest(kThere).state(), v1::Message::DELIVERED);
  write(alice_, kThere, "again");
  settle();
  report(alice_, alice_.newest(kThere), v1::SmsReport::FAILED);
  EXPECT_EQ(alice_.newest(kThere).state(), v1::Message::FAILED);
}

TEST_F(SmsTest, ATextThatTheServerRefusesHasFailedAndSaysWhy) {
  sign_up_both();
  allow(alice_);
  server_.tamper = [](const v1::ClientFrame& request, v1::ServerFrame& answer) {
    if (request.has_send_sms()) answer.mutable_error()->set_code(v1::Error::SMS_STOPPED);
  };
  write(alice_, kThere, "hej");
  settle();
  EXPECT_EQ(alice_.newest(kThere).state(), v1::Message::FAILED);
  EXPECT_TRUE(alice_.saw(v1::Problem::SMS_REFUSED));
}

TEST_F(SmsTest, AnswersComeOnceAndStandInAConversationOfTheirOwn) {
  sign_up_both();
  tell(alice_, received(kNumber, "hello"));
  tell(alice_, received(kNumber, "hello"));
  tell(alice_, received("BANK", "you won"));
  EXPECT_EQ(alice_.texts(kThere), std::vector<std::string>{"hello"});
  EXPECT_EQ(alice_.newest(kThere).sender(), kThere);
  EXPECT_FALSE(alice_.newest(kThere).security().end_to_end());
  v1::ServerFrame frame;
  frame.mutable_deliver()->add_envelopes()->set_gateway_event("\xff\xff");
  perform(alice_, alice_.core->receive(frame, now_).value());
}

TEST_F(SmsTest, OwnDevicesAgreeOnPermissionsAndSeeWhatWasSent) {
  sign_up_both();
  link_second_device();
  allow(bob_);
  write(bob_, kThere, "hej");
  settle();
  pass(seconds(1));
  EXPECT_EQ(bob2_.texts(kThere), std::vector<std::string>{"hej"});
  EXPECT_TRUE(bob2_.newest(kThere).outgoing());
  EXPECT_EQ(write(bob2_, kThere, "me too"), std::nullopt) << "allowed on the other device";
  ASSERT_EQ(sms_permissions(*bob2_.database).size(), 1U);
  EXPECT_EQ(sms_permissions(*bob2_.database)[0].number(), kNumber);
}

TEST_F(SmsTest, ATextMessageIsPlainTextAndNothingElse) {
  sign_up_both();
  allow(alice_);
  write(alice_, kThere, "hej");
  EXPECT_EQ(write(alice_, kThere, "x", {.reply_to = {}, .lifetime = seconds(10)}),
            ComposeError::sms_text_only);
  const auto reaction =
      command(alice_, [](Work& work) { return react(work, kThere, "last", "\xf0\x9f\x91\x8d"); });
  EXPECT_EQ(reaction.error(), ComposeError::sms_text_only);
  EXPECT_EQ(command(alice_, [](Work& work) { return set_timer(work, kThere, seconds(60)); }).error(),
            ComposeError::sms_text_only);
}

TEST_F(SmsTest, OnlyWhatNobodyHasAndTheUserAllowedFallsBack) {
  sign_up_both();
  write(alice_, kNumber, "first");
  settle();
  EXPECT_EQ(alice_.newest(kNumber).state(), v1::Message::FAILED) << "not allowed";
  allow(alice_);
  write(alice_, kNumber, "second");
  settle();
  EXPECT_EQ(alice_.texts(kThere), std::vector<std::string>{"second"});
  EXPECT_EQ(alice_.newest(kThere).state(), v1::Message::SENT);
  EXPECT_FALSE(alice_.newest(kThere).security().end_to_end());
  EXPECT_EQ(write(alice_, "bob", "third"), std::nullopt);
  settle();
  EXPECT_TRUE(alice_.newest("bob").security().end_to_end());
}

TEST_F(SmsTest, DemandsAreReadAsTheyAreWritten) {
  EXPECT_EQ(parse_requirement("pq>=3,verified")->pq_level, 3);
  EXPECT_TRUE(parse_requirement("verified")->verified);
  for (const char* text : {"", "pq>=4", "pq>=1", "pq", "verified,x", ",", "VERIFIED"}) {
    EXPECT_FALSE(parse_requirement(text)) << text;
  }
}

TEST_F(SmsTest, ADemandThatIsNotMetSendsNothing) {
  sign_up_both();
  allow(alice_);
  const EntryOptions pq3{.reply_to = {}, .lifetime = {}, .requirement = {.pq_level = 3}};
  const EntryOptions pq2{.reply_to = {}, .lifetime = {}, .requirement = {.pq_level = 2}};
  const EntryOptions verified{.reply_to = {}, .lifetime = {}, .requirement = {.verified = true}};
  EXPECT_EQ(write(alice_, kThere, "x", pq2), ComposeError::requirement_insecure);
  EXPECT_EQ(write(alice_, "alice", "x", pq2), ComposeError::requirement_direct);
  EXPECT_EQ(write(alice_, "bob", "x", pq2), ComposeError::requirement_pq) << "there is no session yet";
  write(alice_, "bob", "hej");
  settle();
  // As before the first renewal, which came with bob's receipt.
  alice_.database->run("UPDATE peer_device SET pq_level = 1");
  EXPECT_EQ(write(alice_, "bob", "x", pq3), ComposeError::requirement_pq);
  EXPECT_EQ(write(alice_, "bob", "x", verified), ComposeError::requirement_verified);
  EXPECT_EQ(write(alice_, "bob", "protected", pq2), std::nullopt);
  settle();
  EXPECT_EQ(bob_.texts("alice"), (std::vector<std::string>{"hej", "protected"}));
  EXPECT_EQ(write(alice_, "bob", "renewed", pq3), std::nullopt);
  settle();
  EXPECT_EQ(bob_.newest("alice").body(), "renewed");
}

TEST_F(SmsTest, ADeviceThatFallsShortLaterGetsNothing) {
  sign_up_both();
  write(alice_, "bob", "hej");
  settle();
  disconnect(alice_);
  EXPECT_EQ(
      write(alice_, "bob", "protected", {.reply_to = {}, .lifetime = {}, .requirement = {.pq_level = 2}}),
      std::nullopt);
  // As if the bar had been raised over what the session has by the time it leaves.
  alice_.database->run("UPDATE requirement SET pq_level = 4");
  connect(alice_);
  settle();
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::FAILED);
  EXPECT_EQ(bob_.texts("alice"), std::vector<std::string>{"hej"});
}

TEST_F(SmsTest, TheShareOfWhatLeftUnprotectedIsCountedForAMonth) {
  sign_up_both();
  allow(alice_);
  write(alice_, kThere, "hej");
  write(alice_, "bob", "hej");
  settle();
  v1::Status status;
  add_sent_lately(*alice_.database, now_, status);
  EXPECT_EQ(status.sent_lately(), 2U);
  EXPECT_EQ(status.sent_insecurely_lately(), 1U);
  v1::Status later;
  add_sent_lately(*alice_.database, now_ + days(31), later);
  EXPECT_EQ(later.sent_lately(), 0U);
}

}  // namespace
}  // namespace sotto::client

// Guests of groups through whole clients over a FakeServer. With a real gateway:
// tests/journeys/guests_test.py.
#include "client/groups/guests.h"

#include "bytes/hex.h"
#include "client/conversations/commands.h"
#include "client/groups/commands.h"
#include "client/groups/conversations.h"
#include "client/groups/messages.h"
#include "client/sms/texts.h"
#include "client/test_clients.h"

namespace sotto::client {
namespace {

using testing::TestClient;

constexpr std::string_view kErin = "+46701112233";
constexpr std::string_view kThere = "sms:+46701112233";

class GuestsTest : public testing::CoreTest {
 protected:
  void SetUp() override {
    server_.tamper = [this](const v1::ClientFrame& request, v1::ServerFrame& answer) {
      if (!request.has_send_sms()) return;
      texts_[request.send_sms().id()] = request.send_sms();
      if (refusal_ == v1::Error::CODE_UNSPECIFIED) return;
      answer.mutable_error()->set_code(refusal_);
      answer.mutable_error()->set_detail("refused");
    };
  }
  template <typename Body>
  auto command(TestClient& client, const Body& body) {
    auto outcome = client.core->command(now_, body).value();
    perform(client, std::move(outcome.effects));
    return std::move(outcome.value);
  }
  template <typename Body>
  std::optional<GroupCommandError> refused(TestClient& client, const Body& body) {
    const auto outcome = command(client, body);
    return outcome ? std::nullopt : std::optional(outcome.error().error);
  }
  /// "friends" of alice, bob and carol, who let guests in.
  void begin() {
    clients_.push_back(&carol_);
    for (const auto& [client, handle] : std::vector<std::pair<TestClient*, std::string_view>>{
             {&alice_, "alice"}, {&bob_, "bob"}, {&carol_, "carol"}}) {
      sign_up(*client, handle);
    }
    for (const char* handle : {"bob", "carol"})
      perform(alice_, alice_.core->look_up(handle, now_).value().effects);
    settle();
    ASSERT_TRUE(command(alice_, [](Work& work) { return create_group(work, "friends", {"bob", "carol"}); }));
    open(1);
  }
  void open(std::uint64_t value) {
    ASSERT_TRUE(command(
        alice_, [&](Work& work) { return set_in_group(work, "friends", groups::Setting::guests, value); }));
    settle();
  }
  void allow(TestClient& client) {
    ASSERT_TRUE(command(client, [](Work& work) { return set_sms_permission(work, kErin, true); }));
  }
  void bring_in(TestClient& client) {
    allow(client);
    ASSERT_FALSE(refused(client, [](Work& work) { return add_guest(work, "friends", kErin, "Erin"); }));
    settle();
  }
  std::optional<ComposeError> write(TestClient& client, std::string_view words,
                                    const EntryOptions& options = {}, std::string_view to = "#friends") {
    v1::Content content;
    content.mutable_text()->set_body(std::string(words));
    const auto sent = command(client, [&](Work& work) { return send_entry(work, to, content, options); });
    settle();
    return sent ? std::nullopt : std::optional(sent.error());
  }
  void tell(TestClient& client, const v1::GatewayEvent& event) {
    v1::ServerFrame frame;
    auto& envelope = *frame.mutable_deliver()->add_envelopes();
    envelope.set_sequence(1000 + ++told_);
    envelope.set_gateway_event(event.SerializeAsString());
    perform(client, client.core->receive(frame, now_).value());
    settle();
  }
  static v1::GatewayEvent said(std::string_view text, char id = 'i') {
    v1::GatewayEvent event;
    event.mutable_received()->set_id(std::string(16, id));
    event.mutable_received()->set_from(std::string(kErin));
    event.mutable_received()->set_text(std::string(text));
    return event;
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const auto& [id, text] : texts_) out.push_back(text.text());
    return out;
  }
  bool went_out(std::string_view words) const {
    return std::ranges::any_of(texts(), [&](const std::string& text) { return text.ends_with(words); });
  }
  v1::Group group(TestClient& client) { return group_records(*client.database, *client.core->self()).at(0); }

  TestClient carol_{4, 44};
  std::map<std::string, v1::SendSms> texts_;
  v1::Error::Code refusal_ = v1::Error::CODE_UNSPECIFIED;
  std::uint64_t told_ = 0;
};

TEST_F(GuestsTest, WhatMembersSayGoesToTheGuestAsATextAndSaysSo) {
  begin();
  bring_in(bob_);
  EXPECT_TRUE(went_out("what you answer goes to everybody in it."));
  for (TestClient* client : {&alice_, &bob_, &carol_}) {
    ASSERT_EQ(group(*client).guests_size(), 1);
    EXPECT_EQ(group(*client).guests(0).number(), kErin);
    EXPECT_EQ(group(*client).guests(0).name(), "Erin");
    EXPECT_EQ(group(*client).guests(0).sponsor(), "bob");
    EXPECT_EQ(group(*client).members_size(), 3);
  }
  EXPECT_EQ(write(alice_, "hello"), std::nullopt);
  EXPECT_TRUE(went_out("alice (friends): hello"));
  for (TestClient* client : {&alice_, &bob_, &carol_}) {
    const auto message = client->newest("#friends");
    EXPECT_EQ(message.body(), "hello");
    ASSERT_EQ(message.also_in_clear_size(), 1);
    EXPECT_EQ(message.also_in_clear(0).number(), kErin);
    EXPECT_EQ(message.security().channel(), v1::SecurityState::SOTTO);
    EXPECT_FALSE(message.security().end_to_end());
  }
  EXPECT_EQ(bob_.newest("#friends").also_in_clear(0).state(), v1::Message::SENT);
  EXPECT_EQ(carol_.newest("#friends").also_in_clear(0).state(), v1::Message::STATE_UNSPECIFIED);
  EXPECT_EQ(write(bob_, "and from me"), std::nullopt);
  EXPECT_TRUE(went_out("bob (friends): and from me"));
}

TEST_F(GuestsTest, WhatIsWithheldOrDisappearsReachesNoTelephone) {
  begin();
  bring_in(bob_);
  EXPECT_EQ(write(alice_, "between us", {.reply_to = {}, .lifetime = {}, .without_guests = true}),
            std::nullopt);
  EXPECT_EQ(write(alice_, "for an hour", {.reply_to = {}, .lifetime = hours(1)}), std::nullopt);
  for (const auto& message : carol_.messages("#friends").first) {
    EXPECT_EQ(message.also_in_clear_size(), 0);
    EXPECT_TRUE(message.security().end_to_end());
  }
  EXPECT_EQ(carol_.texts("#friends").size(), 2U);
  EXPECT_FALSE(went_out("between us"));
  EXPECT_FALSE(went_out("for an hour"));
}

TEST_F(GuestsTest, ADemandForProtectionIsNotMetWhereAGuestWouldGetIt) {
  begin();
  EXPECT_EQ(write(alice_, "so that there are sessions"), std::nullopt);
  const EntryOptions protect{.reply_to = {}, .lifetime = {}, .requirement = {.pq_level = 2}};
  EXPECT_EQ(write(alice_, "protected", protect), std::nullopt);
  EXPECT_EQ(write(alice_, "x", {.reply_to = {}, .lifetime = {}, .requirement = {.verified = true}}),
            ComposeError::requirement_verified);
  bring_in(bob_);
  EXPECT_EQ(write(alice_, "in clear", protect), ComposeError::requirement_guests);
  auto withheld = protect;
  withheld.without_guests = true;
  EXPECT_EQ(write(alice_, "withheld", withheld), std::nullopt);
  EXPECT_FALSE(went_out("in clear"));
  EXPECT_FALSE(went_out("withheld"));
  EXPECT_EQ(carol_.newest("#friends").body(), "withheld");
}

TEST_F(GuestsTest, WhatTheGuestAnswersIsSaidInTheGroupByWhoVouchesForIt) {
  begin();
  bring_in(bob_);
  tell(bob_, said("on my way"));
  tell(bob_, said("on my way"));
  for (TestClient* client : {&alice_, &bob_, &carol_}) {
    EXPECT_EQ(client->texts("#friends"), std::vector<std::string>{"on my way"});
    const auto message = client->newest("#friends");
    EXPECT_EQ(message.guest().name(), "Erin");
    EXPECT_EQ(message.guest().sponsor(), "bob");
    EXPECT_EQ(message.sender(), kThere) << "never by a name that a member could have";
    EXPECT_FALSE(message.outgoing());
    EXPECT_EQ(message.security().channel(), v1::SecurityState::SMS);
    EXPECT_FALSE(message.security().end_to_end());
  }
  EXPECT_EQ(bob_.texts(kThere).size(), 1U) << "the introduction alone";
  EXPECT_EQ(write(bob_, "in private", {}, kThere), ComposeError::sms_guest);
}

TEST_F(GuestsTest, WhoIsSentAwayBeforeTheirWordsAreSignedSaysNothing) {
  begin();
  bring_in(bob_);
  ASSERT_TRUE(command(bob_, [](Work& work) {
    on_gateway_event(work, as_bytes(std::string_view(said("too late").SerializeAsString())));
    return remove_guest(work, "friends", kErin).has_value();
  }));
  settle();
  pass(minutes(1));
  for (TestClient* client : {&alice_, &carol_}) {
    EXPECT_TRUE(client->texts("#friends").empty());
    EXPECT_FALSE(client->saw(v1::Problem::CONTENT_REFUSED)) << "nobody lied";
  }
}

TEST_F(GuestsTest, OwnDevicesBringTheSameWordsOnceAndSendTheSameTextOnce) {
  begin();
  link_second_device();
  bring_in(bob_);
  pass(minutes(1));
  EXPECT_EQ(write(alice_, "hello"), std::nullopt);
  pass(minutes(1));
  EXPECT_TRUE(went_out("alice (friends): hello"));
  EXPECT_EQ(texts_.size(), 2U) << "with the introduction: both devices ask under one id";
  tell(bob_, said("me too"));
  tell(bob2_, said("me too"));
  pass(minutes(1));
  for (TestClient* client : {&alice_, &bob_, &bob2_, &carol_}) {
    const auto heard = client->texts("#friends");
    EXPECT_EQ(std::ranges::count(heard, "me too"), 1) << client->id;
    EXPECT_FALSE(client->newest("#friends").outgoing());
  }
}

TEST_F(GuestsTest, NobodySpeaksForAGuestOfSomebodyElse) {
  begin();
  bring_in(bob_);
  command(carol_, [&](Work& work) {
    v1::Content content;
    content.mutable_guest_text()->set_number(std::string(kErin));
    content.mutable_guest_text()->set_text("made up");
    send_to_group(work, *find_conversation(work.db, work.self, "#friends")->group,
                  {.row = {}, .id = {1}, .sent = work.now, .content = content});
    return true;
  });
  settle();
  EXPECT_TRUE(alice_.texts("#friends").empty());
  EXPECT_TRUE(alice_.saw(v1::Problem::CONTENT_REFUSED));
}

TEST_F(GuestsTest, NobodyGetsAnythingWhoIsNoGuest) {
  begin();
  bring_in(bob_);
  command(carol_, [&](Work& work) {
    v1::Content content;
    content.mutable_text()->set_body("to a stranger");
    const auto conversation = find_conversation(work.db, work.self, "#friends");
    const auto id = compose_entry(work, *conversation, content);
    work.db.run("UPDATE composed SET content = ?1", [&] {
      content.add_guests("+46709999999");
      return wire::encode(content);
    }());
    return id.has_value();
  });
  settle();
  EXPECT_EQ(bob_.newest("#friends").body(), "to a stranger");
  EXPECT_EQ(bob_.newest("#friends").also_in_clear_size(), 0);
  EXPECT_FALSE(went_out("to a stranger"));
}

TEST_F(GuestsTest, StopSendsTheGuestAway) {
  begin();
  bring_in(bob_);
  tell(bob_, said("Stop."));
  EXPECT_EQ(group(carol_).guests_size(), 0);
  EXPECT_TRUE(carol_.texts("#friends").empty());
  EXPECT_EQ(bob_.newest(kThere).body(), "Stop.");
  bring_in(bob_);
  refusal_ = v1::Error::SMS_STOPPED;
  EXPECT_EQ(write(alice_, "hello"), std::nullopt);
  EXPECT_EQ(group(carol_).guests_size(), 0);
  EXPECT_EQ(bob_.newest("#friends").also_in_clear(0).state(), v1::Message::FAILED);
}

TEST_F(GuestsTest, WhoeverGoesTakesTheirGuestsAlong) {
  begin();
  bring_in(bob_);
  EXPECT_TRUE(command(bob_, [](Work& work) { return set_sms_permission(work, kErin, false); }));
  settle();
  EXPECT_EQ(group(carol_).guests_size(), 0);
  bring_in(carol_);
  ASSERT_TRUE(command(carol_, [](Work& work) { return leave_group(work, "friends"); }));
  settle();
  EXPECT_EQ(group(alice_).guests_size(), 0);
  EXPECT_EQ(write(alice_, "just us"), std::nullopt);
  EXPECT_FALSE(went_out("just us"));
}

TEST_F(GuestsTest, WhatIsReportedOfATextStandsBesideTheMessage) {
  begin();
  bring_in(bob_);
  EXPECT_EQ(write(alice_, "hello"), std::nullopt);
  const auto report = [&](v1::SmsReport::State state) {
    for (const auto& [id, text] : texts_) {
      if (!text.text().ends_with("hello")) continue;
      v1::GatewayEvent event;
      event.mutable_report()->set_id(id);
      event.mutable_report()->set_state(state);
      tell(bob_, event);
    }
    return bob_.newest("#friends").also_in_clear(0).state();
  };
  EXPECT_EQ(report(v1::SmsReport::AT_CARRIER), v1::Message::SENT);
  EXPECT_EQ(report(v1::SmsReport::DELIVERED), v1::Message::DELIVERED);
  EXPECT_EQ(report(v1::SmsReport::FAILED), v1::Message::DELIVERED) << "it was there";
  v1::Status status;
  add_sent_lately(*alice_.database, now_, status);
  EXPECT_EQ(status.sent_insecurely_lately(), 1U);
}

TEST_F(GuestsTest, WhatIsOldGoesToNoTelephone) {
  begin();
  bring_in(bob_);
  disconnect(bob_);
  EXPECT_EQ(write(alice_, "yesterday's news"), std::nullopt);
  pass(days(3));
  connect(bob_);
  settle();
  pass(minutes(1));
  EXPECT_EQ(bob_.newest("#friends").body(), "yesterday's news");
  EXPECT_FALSE(went_out("yesterday's news"));
}

TEST_F(GuestsTest, WhatMakesNoSenseIsRefusedWithTheReason) {
  begin();
  const auto add = [](std::string_view number, std::string_view name) {
    return [number, name](Work& work) { return add_guest(work, "friends", number, name); };
  };
  EXPECT_EQ(refused(bob_, add(kErin, "Erin")), GroupCommandError::sms_not_allowed);
  allow(bob_);
  EXPECT_EQ(refused(bob_, add("bob", "Erin")), GroupCommandError::bad_number);
  EXPECT_EQ(refused(bob_, add(kErin, "E\nrin")), GroupCommandError::bad_name);
  open(0);
  EXPECT_EQ(refused(bob_, add(kErin, "Erin")), GroupCommandError::refused);
  open(1);
  bring_in(bob_);
  EXPECT_EQ(refused(bob_, add(kErin, "Erin")), GroupCommandError::refused);
  EXPECT_EQ(refused(carol_, [](Work& work) { return remove_guest(work, "friends", kErin); }),
            GroupCommandError::refused);
  ASSERT_TRUE(command(bob_, [](Work& work) { return create_group(work, "others", {}); }));
  ASSERT_TRUE(
      command(bob_, [](Work& work) { return set_in_group(work, "others", groups::Setting::guests, 1); }));
  EXPECT_EQ(refused(bob_, [](Work& work) { return add_guest(work, "others", kErin, "Erin"); }),
            GroupCommandError::guest_elsewhere);
  EXPECT_EQ(refused(alice_, [](Work& work) { return remove_guest(work, "friends", kErin); }), std::nullopt);
  settle();
}

}  // namespace
}  // namespace sotto::client

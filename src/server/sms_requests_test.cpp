// Text messages through the whole core: who may send, what its devices hear, what the operator could hand
// over.
#include <gtest/gtest.h>

#include "identity/retirement.h"
#include "server/test_world.h"

namespace sotto::server {
namespace {

using gateway::HandOver;
using gateway::SmsState;
using testing::TestDevice;
using testing::TestWorld;

constexpr std::string_view kPeer = "+46701112233";

class SmsRequestsTest : public ::testing::Test, public TestWorld {
 protected:
  void SetUp() override {
    code_sending = CodeSending::queued;
    offer({"+46700000001"});
    register_account(account_, "alice");
    alice = connect(device_);
  }
  void hand_over_sms(const gateway::OutgoingSms& text) override { handed.push_back(text); }
  /// Restarts the server with these numbers.
  void offer(std::vector<std::string> numbers) {
    options.sms.numbers = std::move(numbers);
    options.sms.server = "test.example";
    core.reset();
    start();
  }
  void prove_number() {
    v1::ClientFrame frame;
    frame.mutable_manage_handle()->set_add("+46709999999");
    ask(alice, frame);
    frame.mutable_manage_handle()->mutable_prove()->set_handle("+46709999999");
    frame.mutable_manage_handle()->mutable_prove()->set_code(sent_codes["+46709999999"]);
    EXPECT_EQ(ask(alice, frame).handle_managed().handles_size(), 2);
  }
  v1::ClientFrame text(std::string_view words, std::string_view number = kPeer) {
    v1::ClientFrame frame;
    frame.mutable_send_sms()->set_number(std::string(number));
    frame.mutable_send_sms()->set_text(std::string(words));
    frame.mutable_send_sms()->set_id(wire::field(random.array<16>()));
    return frame;
  }
  std::vector<v1::GatewayEvent> events(ConnectionId connection) {
    std::vector<v1::GatewayEvent> out;
    for (const v1::Envelope& envelope : delivered(connection)) {
      v1::GatewayEvent event;
      EXPECT_TRUE(wire::decode(wire::octets(envelope.gateway_event()), wire::kMaxFrameBytes, event));
      EXPECT_TRUE(envelope.payload().empty());
      out.push_back(event);
    }
    return out;
  }
  /// nullopt: taken.
  std::optional<gateway::SmsError> receive(std::string_view words) {
    std::optional<gateway::SmsError> error;
    bool answered = false;
    core->sms_received({std::string(kPeer), "+46700000001", std::string(words), "k"}, now,
                       [&](const auto& result) {
                         answered = true;
                         if (!result) error = result.error();
                       });
    settle();
    EXPECT_TRUE(answered);
    return error;
  }

  testing::TestAccount account_{random};
  const TestDevice device_{account_.account.id, &account_.device};
  ConnectionId alice{0};
  std::vector<gateway::OutgoingSms> handed;
};

TEST_F(SmsRequestsTest, AProvenNumberMaySendAndItsDevicesHearWhatBecameOfIt) {
  EXPECT_EQ(error_of(alice, text("hej")), v1::Error::SMS_NOT_ALLOWED);
  prove_number();
  const v1::ServerFrame sent = ask(alice, text("hej"));
  ASSERT_TRUE(sent.has_sms_sent()) << sent.ShortDebugString();
  EXPECT_EQ(sent.sms_sent().from(), "+46700000001");
  ASSERT_EQ(handed.size(), 1U);
  EXPECT_TRUE(handed[0].text.starts_with("+46709999999 writes through test.example"));
  core->sms_handed_over(handed[0].ref, HandOver::accepted, now);
  bool answered = false;
  core->sms_report(handed[0].ref, SmsState::delivered, now,
                   [&](const auto& result) { answered = result.has_value(); });
  EXPECT_FALSE(answered) << "before it is durable";
  settle();
  EXPECT_TRUE(answered);
  ASSERT_EQ(events(alice).size(), 1U);
  EXPECT_EQ(events(alice)[0].report().state(), v1::SmsReport::DELIVERED);
  EXPECT_EQ(core->counts().sms.delivered, 1U);
}

TEST_F(SmsRequestsTest, AnAnswerWaitsUntilTheDeviceAcknowledgesIt) {
  prove_number();
  ask(alice, text("hej"));
  core->on_close(alice, now);
  EXPECT_FALSE(receive("hello"));
  crash_and_restart();
  const ConnectionId again = connect(device_);
  ASSERT_EQ(events(again).size(), 1U);
  EXPECT_EQ(events(again)[0].received().text(), "hello");
  EXPECT_EQ(events(again)[0].received().from(), kPeer);
  acknowledge(again, delivered(again)[0].sequence());
  core->tick(now + seconds(1));
  settle();
  EXPECT_TRUE(delivered(connect(device_)).empty());
}

TEST_F(SmsRequestsTest, NoDeviceMakesAnEnvelopePassForTheGateways) {
  v1::GatewayEvent forged;
  forged.mutable_received()->set_text("you won");
  ask(alice, submission(device_.address(), {forged.SerializeAsString()}));
  ASSERT_EQ(delivered(alice).size(), 1U);
  EXPECT_TRUE(delivered(alice)[0].gateway_event().empty());
}

TEST_F(SmsRequestsTest, RefusalsSayWhy) {
  prove_number();
  EXPECT_EQ(error_of(alice, text("")), v1::Error::MALFORMED);
  EXPECT_EQ(error_of(alice, text("x", "bob")), v1::Error::HANDLE_INVALID);
  EXPECT_EQ(error_of(alice, text(std::string(2'000, 'x'))), v1::Error::TOO_LARGE);
  EXPECT_EQ(error_of(alice, text("x", "+46700000001")), v1::Error::SMS_UNAVAILABLE);
  for (int i = 0; i < 10; ++i) ask(alice, text("x", "+4670222222" + std::to_string(i)));
  EXPECT_EQ(error_of(alice, text("x")), v1::Error::RATE_LIMITED);
  EXPECT_EQ(receive("hello"), gateway::SmsError::unroutable);
}

TEST_F(SmsRequestsTest, OneNumberServesOneAccountTowardsARecipientAndStopIsHeard) {
  prove_number();
  ask(alice, text("x"));
  EXPECT_FALSE(receive("STOP"));
  EXPECT_EQ(error_of(alice, text("x")), v1::Error::SMS_STOPPED);
  options.sms.senders = gateway::SmsSenders::everybody;
  offer(options.sms.numbers);
  testing::TestAccount other(random);
  register_account(other, "carol");
  const ConnectionId carol = connect({other.account.id, &other.device});
  EXPECT_EQ(error_of(carol, text("x")), v1::Error::SMS_NO_NUMBER);
  EXPECT_TRUE(ask(carol, text("x", "+46702222222")).has_sms_sent());
  EXPECT_TRUE(handed.back().text.starts_with("carol writes through"));
}

TEST_F(SmsRequestsTest, AServerWithoutAGatewaySaysSo) {
  offer({});
  alice = connect(device_);
  EXPECT_EQ(error_of(alice, text("x")), v1::Error::SMS_UNAVAILABLE);
}

TEST_F(SmsRequestsTest, WhatIsKeptIsShownToTheAccountAndTheOperatorAndGoneWithIt) {
  prove_number();
  ask(alice, text("x"));
  v1::ClientFrame frame;
  frame.mutable_get_account_status();
  const auto status = ask(alice, frame).account_status();
  ASSERT_EQ(status.sms_routes_size(), 1);
  EXPECT_EQ(status.sms_routes(0).peer(), kPeer);
  EXPECT_EQ(core->holdings("alice", now)->status.sms_routes_size(), 1);
  v1::ClientFrame retirement;
  to_wire(sign_retirement(account_.manifest, account_.account, account_.device, now, random),
          *retirement.mutable_retire_account());
  EXPECT_TRUE(ask(alice, retirement).has_done());
  EXPECT_EQ(receive("hello"), gateway::SmsError::unroutable);
}

TEST_F(SmsRequestsTest, CodesCountAgainstTheServersBudgetAndItsPrefixes) {
  options.sms.prefixes = {"+46"};
  options.sms.budgets.parts_per_day = 1;
  offer(options.sms.numbers);
  alice = connect(device_);
  v1::ClientFrame frame;
  frame.mutable_manage_handle()->set_add("+4790000000");
  EXPECT_EQ(error_of(alice, frame), v1::Error::HANDLE_UNPROVABLE);
  frame.mutable_manage_handle()->set_add("+46709999999");
  EXPECT_EQ(ask(alice, frame).handle_managed().code_sent_to(), "+46709999999");
  frame.mutable_manage_handle()->set_add("+46709999998");
  EXPECT_EQ(error_of(alice, frame), v1::Error::RATE_LIMITED);
}

TEST_F(SmsRequestsTest, FullMailboxesAndAStoreThatFailsAreToldToTheGateway) {
  options.mailboxes.mailbox_envelopes = 1;
  offer(options.sms.numbers);
  alice = connect(device_);
  prove_number();
  ask(alice, text("x"));
  EXPECT_FALSE(receive("one"));
  EXPECT_EQ(receive("two"), gateway::SmsError::storage_unavailable);
  acknowledge(alice, delivered(alice)[0].sequence());
  store.fail_next_commits(1, storage::StorageError::io_error);
  EXPECT_EQ(receive("two"), gateway::SmsError::storage_unavailable);
  EXPECT_FALSE(receive("two"));
}

TEST_F(SmsRequestsTest, BeforeTheLogIsReadyTheGatewayIsToldToComeAgain) {
  const ConnectionId lost = open();
  hello(lost);
  post(lost, registration(testing::TestAccount(random), "carol"));
  core->turn_end(now);
  store.sync();  // durable, and not yet written where it belongs
  core.reset();
  store.crash();
  open_core();
  ASSERT_FALSE(core->ready());
  core->tick(now);
  std::vector<gateway::SmsError> told;
  core->sms_received({std::string(kPeer), "+46700000001", "x", ""}, now,
                     [&](const auto& result) { told.push_back(result.error()); });
  core->sms_report({}, SmsState::delivered, now, [&](const auto& result) { told.push_back(result.error()); });
  EXPECT_EQ(told, std::vector(2, gateway::SmsError::storage_unavailable));
}

}  // namespace
}  // namespace sotto::server

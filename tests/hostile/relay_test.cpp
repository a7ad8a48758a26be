// The relay as the adversary: an operator who holds the server's keys reads, drops, repeats, reorders, moves,
// alters and holds back envelopes (docs/specs/hostile-actors.md).
#include <gtest/gtest.h>

#include <algorithm>

#include "session/header.h"
#include "session/incoming.h"
#include "session/limits.h"
#include "stage.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

using session::SessionError;
using Texts = std::vector<std::string>;

class HostileRelay : public ::testing::Test {
 protected:
  /// What `from` writes to `to`, kept from it: one envelope a text.
  std::vector<Bytes> intercept(Person& from, Person& to, const Texts& texts) {
    return stage.withhold(to, [&] {
      for (const auto& text : texts) {
        stage.write(from, to.self().handle, text);
        stage.settle();
      }
    });
  }
  /// They write to each other as if nothing had been.
  void expect_conversation_goes_on() {
    for (const auto& [from, to] : {std::pair(&alice, &bob), std::pair(&bob, &alice)}) {
      const std::string text = "goes on " + std::to_string(++exchanges_);
      stage.write(*from, to->self().handle, text);
      stage.settle();
      EXPECT_EQ(std::ranges::count(to->texts(from->self().handle), text), 1) << to->name();
      EXPECT_EQ(from->state_of(to->self().handle, text), v1::Message::DELIVERED);
    }
  }
  static std::string undecryptable(SessionError error) {
    return "UNDECRYPTABLE " + std::string(session::describe(error));
  }

  Stage stage;
  Person& alice = stage.join("alice");
  Person& bob = stage.join("bob");

 private:
  int exchanges_ = 0;
};

const std::string kMissing = "MESSAGES_MISSING a message before this one has not arrived";

TEST_F(HostileRelay, ThatReadsSeesPaddedCiphertextWithoutSenderNamesOrText) {
  std::vector<Bytes> seen;
  stage.op.to_device = [&](Person&, v1::ServerFrame frame) -> ServerFrames {
    for (Bytes& each : envelopes_of(frame)) seen.push_back(std::move(each));
    return {std::move(frame)};
  };
  const std::string text = "the quick brown fox";
  for (int i = 0; i < 12; ++i) {
    stage.write(alice, "bob", text + std::string(static_cast<std::size_t>(i) * 100, 'x'));
    stage.settle();
    stage.write(bob, "alice", text);
    stage.settle();
  }
  ASSERT_GT(seen.size(), 24U);
  for (const Bytes& envelope : seen) {
    const auto octets = as_chars(envelope);
    EXPECT_EQ(octets.find("quick"), std::string_view::npos);
    for (Person* person : {&alice, &bob}) {
      EXPECT_EQ(octets.find(person->self().handle), std::string_view::npos);
      EXPECT_EQ(octets.find(as_chars(person->address().account.view())), std::string_view::npos);
      EXPECT_EQ(octets.find(as_chars(person->address().device.view())), std::string_view::npos);
      const auto fingerprint = person->self().device.key.public_key().fingerprint().octets();
      EXPECT_EQ(octets.find(as_chars(fingerprint)), std::string_view::npos);
    }
    const auto peeked = session::peek(envelope);
    ASSERT_TRUE(peeked);
    const ByteView message =
        peeked->type == session::WireType::init ? session::parse_init(envelope)->message : envelope;
    EXPECT_TRUE(session::is_padded_size(session::parse_message(message)->ciphertext.size()));
  }
}

TEST_F(HostileRelay, ThatDropsAMessageIsNoticedWithTheNextOne) {
  stage.chat(alice, bob);
  intercept(alice, bob, {"dropped"});
  EXPECT_EQ(bob.take_problems(), Texts{});
  stage.write(alice, "bob", "next");
  stage.settle();
  EXPECT_EQ(bob.take_problems(), Texts{kMissing});
  EXPECT_EQ(bob.texts("alice").back(), "next");
  // Its author sees that it never came to a device.
  EXPECT_EQ(alice.state_of("bob", "dropped"), v1::Message::SENT);
  EXPECT_EQ(alice.state_of("bob", "next"), v1::Message::DELIVERED);
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatDropsTheFirstMessageIsNoticedByItsAuthorWhoNeverGetsAReceipt) {
  intercept(alice, bob, {"dropped"});
  stage.write(alice, "bob", "next");
  stage.settle();
  EXPECT_EQ(bob.texts("alice"), Texts{"next"});
  EXPECT_EQ(alice.state_of("bob", "dropped"), v1::Message::SENT);
  EXPECT_EQ(alice.state_of("bob", "next"), v1::Message::DELIVERED);
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatDropsReceiptsIsNoticedWithTheNextMessage) {
  stage.chat(alice, bob);
  const auto receipts = stage.withhold(alice, [&] {
    stage.write(alice, "bob", "read");
    stage.settle();
  });
  EXPECT_EQ(receipts.size(), 1U);
  EXPECT_EQ(alice.state_of("bob", "read"), v1::Message::SENT);
  stage.write(bob, "alice", "answer");
  stage.settle();
  EXPECT_EQ(alice.take_problems(), Texts{kMissing});
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatAcknowledgesWithoutStoringIsNoticedWithTheNextMessage) {
  stage.chat(alice, bob);
  stage.op.to_server = [&](Person& from, v1::ClientFrame frame) -> ClientFrames {
    if (!frame.has_submit()) return {std::move(frame)};
    v1::ServerFrame lie;
    lie.set_request_id(frame.request_id());
    auto* result = lie.mutable_submitted()->add_results();
    result->set_status(v1::TargetResult::OK);
    for (const auto& device : frame.submit().targets(0).devices()) {
      result->add_devices()->set_accepted(static_cast<std::uint32_t>(device.envelopes_size()));
    }
    stage.inject_later(from, std::move(lie));
    return {};
  };
  stage.write(alice, "bob", "never stored");
  stage.settle();
  EXPECT_EQ(alice.state_of("bob", "never stored"), v1::Message::SENT);
  stage.op = {};
  stage.write(alice, "bob", "next");
  stage.settle();
  EXPECT_EQ(bob.take_problems(), Texts{kMissing});
  EXPECT_EQ(alice.state_of("bob", "never stored"), v1::Message::SENT);
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatRepeatsIsIgnoredInSilenceAtOnceAfterARestartAndAfterTwentyNineDays) {
  std::vector<Bytes> seen;
  stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> ServerFrames {
    if (&to == &bob) {
      for (Bytes& each : envelopes_of(frame)) seen.push_back(std::move(each));
    }
    return {std::move(frame)};
  };
  stage.chat(alice, bob, 4);
  stage.op = {};
  const Texts before = bob.texts("alice");
  const auto repeat = [&] {
    for (const Bytes& envelope : seen) stage.deliver(bob, envelope);
    EXPECT_EQ(bob.texts("alice"), before);
    EXPECT_EQ(bob.take_problems(), Texts{});
    EXPECT_EQ(alice.take_problems(), Texts{});
  };
  ASSERT_GE(seen.size(), 5U);
  repeat();
  stage.disconnect(bob);
  bob.restart();
  stage.connect(bob);
  stage.settle();
  repeat();
  stage.pass_in_steps(days(29), days(1));
  repeat();
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatReordersIsNoticedAndTheTimelineKeepsTheAuthorsOrder) {
  stage.chat(alice, bob);
  const std::size_t before = bob.texts("alice").size();
  auto envelopes = intercept(alice, bob, {"1", "2", "3", "4"});
  ASSERT_EQ(envelopes.size(), 4U);
  std::ranges::reverse(envelopes);
  for (const Bytes& envelope : envelopes) stage.deliver(bob, envelope);
  auto texts = bob.texts("alice");
  texts.erase(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(before));
  EXPECT_EQ(texts, (Texts{"1", "2", "3", "4"}));
  // Told once, with the one that came too early; the others fill the gap.
  EXPECT_EQ(bob.take_problems(), Texts{kMissing});
  for (const auto& text : texts) EXPECT_EQ(alice.state_of("bob", text), v1::Message::DELIVERED);
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatHoldsAMessageBackAndDeliversItLateLosesNothing) {
  stage.chat(alice, bob);
  const auto late = intercept(alice, bob, {"late"});
  stage.chat(alice, bob, 30);  // across PQ epochs
  EXPECT_TRUE(bob.told(v1::Problem::MESSAGES_MISSING));
  stage.pass_in_steps(days(20), days(1));
  bob.take_problems();
  stage.deliver(bob, late.front());
  EXPECT_EQ(bob.take_problems(), Texts{});
  const auto texts = bob.texts("alice");
  EXPECT_EQ(std::ranges::count(texts, "late"), 1);
  EXPECT_NE(texts.back(), "late");
  EXPECT_EQ(alice.state_of("bob", "late"), v1::Message::DELIVERED);
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatHoldsAMessageBackForLongerThanKeysAreKeptHasMadeItUnreadable) {
  stage.chat(alice, bob);
  const auto late = intercept(alice, bob, {"too late"});
  stage.chat(alice, bob, 30);
  EXPECT_TRUE(bob.told(v1::Problem::MESSAGES_MISSING));
  stage.pass_in_steps(days(33), days(1));
  bob.take_problems();
  stage.deliver(bob, late.front());
  EXPECT_TRUE(bob.told(v1::Problem::UNDECRYPTABLE));
  EXPECT_EQ(alice.state_of("bob", "too late"), v1::Message::SENT);
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatPutsAnEnvelopeIntoAnotherMailboxShowsItToNobody) {
  Person& carol = stage.join("carol");
  stage.chat(alice, bob);
  stage.chat(alice, carol);
  const auto message = intercept(alice, bob, {"for bob"});
  stage.deliver(carol, message.front());
  EXPECT_EQ(carol.take_problems(), Texts{undecryptable(SessionError::unknown_session)});
  EXPECT_EQ(carol.texts("alice").size(), 2U);
  // Carol says so to who may have sent it; its author did not send it to her, so nothing moves.
  EXPECT_EQ(alice.take_problems(), Texts{});
  stage.deliver(bob, message.front());
  EXPECT_EQ(bob.texts("alice").back(), "for bob");
  EXPECT_EQ(bob.take_problems(), Texts{});
  expect_conversation_goes_on();
  stage.chat(alice, carol);
  EXPECT_EQ(carol.texts("alice").size(), 4U);
}

TEST_F(HostileRelay, ThatPutsAFirstMessageIntoAnotherMailboxShowsItToNobody) {
  Person& carol = stage.join("carol");
  const auto init = intercept(alice, bob, {"for bob"});
  const Bytes before = carol.record_digest();
  stage.deliver(carol, init.front());
  EXPECT_EQ(carol.record_digest(), before);
  stage.deliver(bob, init.front());
  EXPECT_EQ(bob.texts("alice"), Texts{"for bob"});
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatPutsAMessageIntoAnotherSessionOrUnderAnotherSenderIsFoundOut) {
  Person& carol = stage.join("carol");
  stage.chat(alice, bob);
  stage.chat(carol, bob);
  const auto from_alice = intercept(alice, bob, {"as alice"});
  const auto from_carol = intercept(carol, bob, {"as carol"});
  Bytes moved = from_alice.front();
  std::copy_n(from_carol.front().begin() + 2, session::SessionId::kSize, moved.begin() + 2);
  const Bytes before = bob.record_digest();
  stage.deliver(bob, moved);
  EXPECT_EQ(bob.record_digest(), before);
  EXPECT_EQ(bob.take_problems().size(), 1U);
  // Whoever the server says it is from: an envelope has no sender but the one its session proves.
  stage.submit(carol, bob, from_alice.front());
  EXPECT_EQ(bob.texts("alice").back(), "as alice");
  EXPECT_EQ(bob.message("alice", "as alice")->sender(), "alice");
  stage.deliver(bob, from_carol.front());
  EXPECT_EQ(bob.message("carol", "as carol")->sender(), "carol");
  stage.pass(minutes(30));
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatSendsAMessageBackToItsAuthorShowsNothing) {
  const auto init = intercept(alice, bob, {"mirrored"});
  Bytes before = alice.record_digest();
  stage.deliver(alice, init.front());
  EXPECT_EQ(alice.record_digest(), before);
  EXPECT_EQ(alice.take_problems(), Texts{undecryptable(SessionError::own_ratchet_key)});
  stage.deliver(bob, init.front());
  stage.chat(alice, bob);
  const auto message = intercept(alice, bob, {"mirrored too"});
  before = alice.record_digest();
  stage.deliver(alice, message.front());
  EXPECT_EQ(alice.record_digest(), before);
  EXPECT_EQ(alice.take_problems(), Texts{undecryptable(SessionError::own_ratchet_key)});
  stage.deliver(bob, message.front());
  expect_conversation_goes_on();
}

/// Each octet of a short envelope; of a long one those of the fixed parts and every eighth of the rest.
bool worth_altering(std::size_t at, std::size_t size) {
  return size < 1024 || at < 128 || at + 512 > size || at % 8 == 0;
}

TEST_F(HostileRelay, ThatFlipsABitAnywhereInAMessageGainsNothing) {
  stage.chat(alice, bob, 2);
  const auto message = intercept(alice, bob, {"genuine"});
  const Bytes before = bob.record_digest();
  for (std::size_t at = 0; at < message.front().size(); ++at) {
    Bytes altered = message.front();
    altered[at] ^= static_cast<std::uint8_t>(1U << at % 8);
    stage.deliver(bob, altered);
    ASSERT_EQ(bob.record_digest(), before) << at;
  }
  for (std::size_t size = 0; size < message.front().size(); size += 7) {
    stage.deliver(bob, ByteView(message.front()).first(size));
    ASSERT_EQ(bob.record_digest(), before) << size;
  }
  // Alice gets few of Bob's questions about it, and heeds none: she sent no such octets.
  EXPECT_EQ(alice.take_problems(), Texts{});
  stage.deliver(bob, message.front());
  EXPECT_EQ(bob.texts("alice").back(), "genuine");
  EXPECT_EQ(std::ranges::count(bob.texts("alice"), "genuine"), 1);
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatFlipsABitAnywhereInAFirstMessageGainsNothing) {
  const auto init = intercept(alice, bob, {"genuine"});
  // One that names prekeys nobody has makes Bob offer new ones, once: he may have been restored.
  Bytes prekeys = bob.prekey_digest();
  int renewals = 0;
  const auto count_renewals = [&] {
    if (bob.prekey_digest() == prekeys) return;
    prekeys = bob.prekey_digest();
    ++renewals;
  };
  for (std::size_t at = 0; at < init.front().size(); ++at) {
    if (!worth_altering(at, init.front().size())) continue;
    Bytes altered = init.front();
    altered[at] ^= static_cast<std::uint8_t>(1U << at % 8);
    stage.deliver(bob, altered);
    count_renewals();
    ASSERT_LE(renewals, 1) << at;
    ASSERT_EQ(bob.texts("alice"), Texts{}) << at;
  }
  for (std::size_t size = 0; size < init.front().size(); size += 97) {
    stage.deliver(bob, ByteView(init.front()).first(size));
    count_renewals();
    ASSERT_LE(renewals, 1) << size;
  }
  EXPECT_EQ(bob.texts("alice"), Texts{});
  stage.deliver(bob, init.front());
  EXPECT_EQ(bob.texts("alice"), Texts{"genuine"});
  EXPECT_EQ(alice.state_of("bob", "genuine"), v1::Message::DELIVERED);
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatInventsEnvelopesCannotMakeAClientTalkAsMuch) {
  stage.chat(alice, bob);
  const auto message = intercept(alice, bob, {"genuine"});
  std::size_t submitted = 0;
  stage.op.to_server = [&](Person&, v1::ClientFrame frame) -> ClientFrames {
    submitted += envelopes_of(frame).size();
    return {std::move(frame)};
  };
  for (int i = 0; i < 200; ++i) {
    Bytes invented = message.front();
    const auto id = stage.random().array<16>();
    std::ranges::copy(id, invented.begin() + 2);
    stage.deliver(bob, invented);
  }
  stage.op = {};
  // Reports to the one device heard, and her answers to the keys that come with them.
  EXPECT_LE(submitted, 2 * session::kMaxErrorsPerInterval);
  EXPECT_EQ(alice.take_problems(), Texts{});
  stage.deliver(bob, message.front());
  EXPECT_EQ(bob.texts("alice").back(), "genuine");
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatSaysItAcceptedMoreOrLessThanWasSentConfusesNobody) {
  stage.chat(alice, bob);
  int lies = 0;
  stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> ServerFrames {
    if (&to != &alice || !frame.has_submitted() || lies == 4) return {std::move(frame)};
    auto* result = frame.mutable_submitted()->mutable_results(0);
    switch (lies++) {
      case 0: result->mutable_devices(0)->set_accepted(0xffffffff); break;
      case 1: result->clear_devices(); break;
      case 2: frame.mutable_submitted()->clear_results(); break;
      default: result->set_status(v1::TargetResult::STATUS_UNSPECIFIED); break;
    }
    return {std::move(frame)};
  };
  for (int i = 0; i < 5; ++i) {
    stage.write(alice, "bob", "number " + std::to_string(i));
    stage.settle();
    stage.pass(minutes(5));
  }
  // What was stored and then denied is sent again, and shown once.
  const auto texts = bob.texts("alice");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(std::ranges::count(texts, "number " + std::to_string(i)), 1) << i;
  EXPECT_EQ(bob.take_problems(), Texts{});
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatCallsEveryManifestStaleIsAskedAtABoundedRate) {
  stage.chat(alice, bob);
  std::size_t requests = 0;
  stage.op.to_server = [&](Person& from, v1::ClientFrame frame) -> ClientFrames {
    requests += &from == &alice ? 1U : 0U;
    return {std::move(frame)};
  };
  stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> ServerFrames {
    if (&to == &alice && frame.has_submitted()) {
      auto* result = frame.mutable_submitted()->mutable_results(0);
      result->set_status(v1::TargetResult::STALE_MANIFEST);
      result->set_current_version(99);
    }
    return {std::move(frame)};
  };
  stage.write(alice, "bob", "patience");
  stage.settle();
  EXPECT_LT(requests, 10U);
  stage.op = {};
  stage.pass_in_steps(minutes(10), minutes(1));
  EXPECT_EQ(std::ranges::count(bob.texts("alice"), "patience"), 1);
  EXPECT_EQ(alice.state_of("bob", "patience"), v1::Message::DELIVERED);
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatDeniesARecipientIsBelievedOnlyIfTheLogSaysSo) {
  stage.chat(alice, bob);
  stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> ServerFrames {
    if (&to == &alice && frame.has_submitted()) {
      frame.mutable_submitted()->mutable_results(0)->set_status(v1::TargetResult::NO_SUCH_ACCOUNT);
    }
    return {std::move(frame)};
  };
  stage.write(alice, "bob", "denied");
  stage.pass_in_steps(hours(1), minutes(5));
  // It took the message and lied: the receipt says so.
  EXPECT_EQ(alice.state_of("bob", "denied"), v1::Message::DELIVERED);
  stage.op = {};
  stage.pass_in_steps(hours(2), minutes(5));
  EXPECT_EQ(std::ranges::count(bob.texts("alice"), "denied"), 1);
  expect_conversation_goes_on();
}

TEST_F(HostileRelay, ThatAnswersOutOfTurnOrTwiceOrWithAnotherKindIsDropped) {
  stage.chat(alice, bob);
  int lies = 0;
  stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> ServerFrames {
    if (&to != &alice || !frame.has_submitted() || lies == 3) return {std::move(frame)};
    v1::ServerFrame other = frame;
    switch (lies++) {
      case 0: return {frame, frame};
      case 1: other.set_request_id(frame.request_id() + 1000); return {other, frame};
      default:
        other.mutable_prekeys_uploaded()->set_stored(32);
        return {other};  // another kind of answer: the connection ends, and a new one repeats
    }
  };
  for (int i = 0; i < 3; ++i) {
    stage.write(alice, "bob", "number " + std::to_string(i));
    stage.settle();
  }
  EXPECT_FALSE(alice.connection);
  stage.pass(seconds(10));
  const auto texts = bob.texts("alice");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(std::ranges::count(texts, "number " + std::to_string(i)), 1) << i;
  expect_conversation_goes_on();
}

}  // namespace
}  // namespace sotto::hostile

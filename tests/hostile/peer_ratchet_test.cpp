// A contact who breaks the post-quantum ratchet or misuses errors: session-protocol.md 5 and 9, sentence by
// sentence (docs/specs/hostile-actors.md).
#include "peer_case.h"
#include "session/limits.h"
#include "session/peer_state.h"
#include "theft.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

using session::Session;
using Texts = std::vector<std::string>;

enum class Outcome : std::uint8_t { ignored, reset };

struct StepCase {
  const char* name;
  std::function<v1::PqStep(Peer&, const Session&)> make;
  Outcome outcome;
};
void PrintTo(const StepCase& each, std::ostream* out) { *out << each.name; }

std::string key(Peer& peer) {
  const auto fresh = crypto::MlKem768DecapsulationKey::generate(peer.random());
  return wire::field(fresh.encapsulation_key());
}

class HostilePeerSteps : public ::testing::TestWithParam<StepCase> {
 protected:
  void deliver(const v1::PqStep& step) {
    v1::Inner inner;
    *inner.mutable_pq_step() = step;
    stage.deliver(bob, peer.message(inner));
  }
  Session at_bob() { return steal_session(bob.database(), mallory.address()); }
  /// The message was authentic: only its step is refused.
  void expect(Outcome outcome) {
    const Session before = at_bob();
    const auto step = GetParam().make(peer, peer.session());
    deliver(step);
    EXPECT_EQ(bob.take_problems(), Texts{});
    EXPECT_EQ(at_bob().dead(), outcome == Outcome::reset);
    EXPECT_EQ(at_bob().pq().installed(), before.pq().installed());
    for (const auto& [from, to] : {std::pair(&bob, &mallory), std::pair(&mallory, &bob)}) {
      const std::string text = "honest again, " + from->name();
      stage.write(*from, to->self().handle, text);
      stage.settle();
      stage.pass_in_steps(minutes(30), minutes(10));
      EXPECT_EQ(std::ranges::count(to->texts(from->self().handle), text), 1);
      EXPECT_EQ(from->state_of(to->self().handle, text), v1::Message::DELIVERED);
    }
    EXPECT_FALSE(at_bob().dead());
    EXPECT_EQ(at_bob().id() == before.id(), outcome == Outcome::ignored);
  }

  Stage stage;
  Person& bob = stage.join("bob");
  Person& mallory = stage.join("mallory");
  Peer peer{stage, mallory, bob};
};

/// Bob opened the session and epoch 1 is confirmed: epoch 2 is Mallory's to propose.
class HostilePeerProposal : public HostilePeerSteps {
 protected:
  HostilePeerProposal() {
    do stage.chat(bob, mallory, 1);
    while (at_bob().pq().installed() < 1 || at_bob().pq().receiving_pending());
    EXPECT_EQ(at_bob().pq().installed(), 1U);
  }
};

TEST_P(HostilePeerProposal, IsIgnoredOrEndsTheSession) { expect(GetParam().outcome); }

/// A step of this epoch with a fresh key, signed as it should be.
v1::PqStep proposal(Peer& peer, const Session& session, std::uint32_t epoch, const std::string& ek) {
  v1::PqStep step;
  step.set_epoch(epoch);
  step.set_ek(ek);
  peer.sign(session, step, wire::octets(ek));
  return step;
}

INSTANTIATE_TEST_SUITE_P(
    Steps, HostilePeerProposal,
    ::testing::Values(
        StepCase{"Unsigned",
                 [](Peer& peer, const Session& session) {
                   auto step = proposal(peer, session, 2, key(peer));
                   step.clear_ecdsa();
                   return step;
                 },
                 Outcome::ignored},
        StepCase{"SignedForAnotherKey",
                 [](Peer& peer, const Session& session) {
                   auto step = proposal(peer, session, 2, key(peer));
                   step.set_ek(key(peer));
                   return step;
                 },
                 Outcome::ignored},
        StepCase{"SignedForAnotherEpoch",
                 [](Peer& peer, const Session& session) {
                   auto step = proposal(peer, session, 4, key(peer));
                   step.set_epoch(2);
                   return step;
                 },
                 Outcome::ignored},
        StepCase{"HighSSignature",
                 [](Peer& peer, const Session& session) {
                   auto step = proposal(peer, session, 2, key(peer));
                   make_high_s(*step.mutable_ecdsa());
                   return step;
                 },
                 Outcome::ignored},
        StepCase{"OldEpoch",
                 [](Peer& peer, const Session& session) { return proposal(peer, session, 1, key(peer)); },
                 Outcome::ignored},
        StepCase{"KeyThatFailsTheModulusCheck",
                 [](Peer& peer, const Session& session) {
                   return proposal(peer, session, 2,
                                   std::string(crypto::MlKem768::kEncapsulationKeySize, '\xff'));
                 },
                 Outcome::reset},
        StepCase{"ShortKey",
                 [](Peer& peer, const Session& session) {
                   return proposal(peer, session, 2, key(peer).substr(1));
                 },
                 Outcome::reset},
        StepCase{"NotItsTurn",
                 [](Peer& peer, const Session& session) { return proposal(peer, session, 3, key(peer)); },
                 Outcome::reset},
        StepCase{
            "AheadOfEverything",
            [](Peer& peer, const Session& session) { return proposal(peer, session, 0xffffffff, key(peer)); },
            Outcome::reset},
        StepCase{"NeitherKeyNorCiphertext",
                 [](Peer& peer, const Session& session) {
                   auto step = proposal(peer, session, 2, key(peer));
                   step.clear_ek();
                   return step;
                 },
                 Outcome::reset},
        StepCase{"KeyAndCiphertext",
                 [](Peer& peer, const Session& session) {
                   auto step = proposal(peer, session, 2, key(peer));
                   step.set_ct(std::string(crypto::MlKem768::kCiphertextSize, 'c'));
                   return step;
                 },
                 Outcome::reset},
        StepCase{"AnswerThatNobodyAskedFor",
                 [](Peer& peer, const Session& session) {
                   v1::PqStep step;
                   step.set_epoch(2);
                   step.set_ct(std::string(crypto::MlKem768::kCiphertextSize, 'c'));
                   step.set_ek_id(std::string(16, 'i'));
                   peer.sign(session, step, {}, wire::octets(step.ct()));
                   return step;
                 },
                 Outcome::reset}),
    [](const auto& test) { return test.param.name; });

TEST_F(HostilePeerProposal, ThatChangesItsMindAboutAKeyEndsTheSession) {
  stage.withhold(mallory, [&] {  // who would not understand Bob's answer
    deliver(proposal(peer, peer.session(), 2, key(peer)));
    EXPECT_EQ(at_bob().pq().installed(), 2U);
    auto unsigned_key = proposal(peer, peer.session(), 2, key(peer));
    unsigned_key.clear_ecdsa();
    deliver(unsigned_key);
    EXPECT_FALSE(at_bob().dead());
    deliver(proposal(peer, peer.session(), 2, key(peer)));
    EXPECT_TRUE(at_bob().dead());
  });
  stage.chat(bob, mallory, 1);
}

TEST_F(HostilePeerProposal, ThatRunsAheadOfAnUnconfirmedEpochEndsTheSession) {
  deliver(proposal(peer, peer.session(), 2, key(peer)));
  EXPECT_FALSE(at_bob().dead());
  deliver(proposal(peer, peer.session(), 3, key(peer)));
  EXPECT_TRUE(at_bob().dead());
  stage.chat(bob, mallory, 1);
}

/// Bob proposed epoch 1 with his INIT; Mallory's honest answer was kept from him.
class HostilePeerAnswer : public HostilePeerSteps {
 protected:
  HostilePeerAnswer() {
    stage.withhold(bob, [&] {
      stage.write(bob, "mallory", "init");
      stage.settle();
    });
    EXPECT_EQ(mallory.texts("bob").size(), 1U);
  }
};

TEST_P(HostilePeerAnswer, IsIgnoredOrEndsTheSession) {
  const auto sent = GetParam().make(peer, peer.session());
  const auto before = at_bob().pq().installed();
  deliver(sent);
  EXPECT_EQ(at_bob().dead(), GetParam().outcome == Outcome::reset);
  EXPECT_EQ(at_bob().pq().installed(), before);
  EXPECT_EQ(bob.take_problems(), Texts{});
  stage.chat(bob, mallory, 2);
  EXPECT_EQ(bob.texts("mallory").size(), 5U);
}

/// The answer that the honest program has ready, with an ML-DSA half of its own.
v1::PqStep answer(Session& session) {
  v1::PqStep step;
  while (!session.steps().on_send(session.pq(), step)) {
  }
  EXPECT_FALSE(step.ct().empty());
  return step;
}
Session copy(Peer& peer) { return peer.session(); }

INSTANTIATE_TEST_SUITE_P(Steps, HostilePeerAnswer,
                         ::testing::Values(StepCase{"WithoutMlDsa",
                                                    [](Peer& peer, const Session&) {
                                                      auto session = copy(peer);
                                                      auto step = answer(session);
                                                      step.clear_mldsa();
                                                      return step;
                                                    },
                                                    Outcome::ignored},
                                           StepCase{"WithAForeignMlDsa",
                                                    [](Peer& peer, const Session&) {
                                                      auto session = copy(peer);
                                                      auto step = answer(session);
                                                      const auto other =
                                                          crypto::HybridPrivateKey::generate(peer.random());
                                                      step.set_mldsa(wire::field(other.ml_dsa_key().sign(
                                                          as_bytes("whatever"), peer.random())));
                                                      return step;
                                                    },
                                                    Outcome::ignored},
                                           StepCase{"WithoutEcdsa",
                                                    [](Peer& peer, const Session&) {
                                                      auto session = copy(peer);
                                                      auto step = answer(session);
                                                      step.clear_ecdsa();
                                                      return step;
                                                    },
                                                    Outcome::ignored},
                                           StepCase{"WithAnotherCiphertext",
                                                    [](Peer& peer, const Session&) {
                                                      auto session = copy(peer);
                                                      auto step = answer(session);
                                                      (*step.mutable_ct())[5] =
                                                          static_cast<char>(step.ct()[5] ^ 1);
                                                      return step;
                                                    },
                                                    Outcome::ignored},
                                           StepCase{"ToAnotherKey",
                                                    [](Peer& peer, const Session&) {
                                                      auto session = copy(peer);
                                                      auto step = answer(session);
                                                      step.set_ek_id(std::string(16, 'x'));
                                                      return step;
                                                    },
                                                    Outcome::reset}),
                         [](const auto& test) { return test.param.name; });

TEST_F(HostilePeerAnswer, ThatNeverComesIsReported) {
  stage.withhold(mallory, [&] {
    stage.pass(hours(1));
    for (std::uint32_t i = 0; i < session::kPqStallMessages + 2; ++i) {
      stage.write(bob, "mallory", "anything");
      stage.settle();
      stage.deliver(bob, peer.message(v1::Inner()));
    }
  });
  EXPECT_TRUE(bob.told(v1::Problem::PEER_STUCK));
}

// Errors: they count only for what their receiver sent to that very device, and once.

class HostilePeerError : public HostilePeerSteps {
 protected:
  HostilePeerError() {
    stage.chat(bob, mallory, 1);
    stage.op.to_server = [this](Person& from, v1::ClientFrame frame) -> ClientFrames {
      if (&from == &bob) {
        for (Bytes& each : envelopes_of(frame)) submitted.push_back(std::move(each));
      }
      return {std::move(frame)};
    };
  }
  void report(v1::SessionError::Code code, ByteView about) {
    v1::Inner inner;
    inner.mutable_error()->set_code(code);
    inner.mutable_error()->set_wire_hash16(wire::field(session::wire_hash(about)));
    inner.mutable_error()->set_session_id(wire::field(peer.session().id().view()));
    stage.deliver(bob, peer.message(inner));
  }
  std::vector<Bytes> submitted;
};

TEST_F(HostilePeerError, AboutWhatWasNeverSentMovesNothing) {
  const auto before = at_bob().id();
  for (const auto code : {v1::SessionError::UNKNOWN_SESSION, v1::SessionError::UNKNOWN_PREKEY,
                          v1::SessionError::STALE_INDEX, v1::SessionError::UNDECRYPTABLE}) {
    report(code, as_bytes("never sent"));
  }
  EXPECT_FALSE(at_bob().dead());
  EXPECT_EQ(at_bob().id(), before);
  stage.chat(bob, mallory, 1);
}

TEST_F(HostilePeerError, AboutWhatWentToSomebodyElseMovesNothing) {
  Person& carol = stage.join("carol");
  stage.write(bob, "carol", "to carol");
  stage.settle();
  ASSERT_FALSE(submitted.empty());
  const std::size_t before = submitted.size();
  for (const Bytes& each : std::vector(submitted)) report(v1::SessionError::UNKNOWN_SESSION, each);
  EXPECT_EQ(submitted.size(), before);
  EXPECT_FALSE(steal_session(bob.database(), carol.address()).dead());
  EXPECT_FALSE(at_bob().dead());
}

TEST_F(HostilePeerError, RepeatedWithoutEndRepeatsAMessageOnce) {
  stage.write(bob, "mallory", "words");
  stage.settle();
  ASSERT_FALSE(submitted.empty());
  const Bytes message = submitted.front();
  for (int i = 0; i < 20; ++i) {
    report(v1::SessionError::UNKNOWN_SESSION, message);
    stage.pass(minutes(10));
  }
  // The message again in a new session, its INIT, and ordinary answers: nothing that grows with the errors.
  EXPECT_LE(submitted.size(), 8U);
  const auto texts = mallory.texts("bob");
  EXPECT_EQ(std::ranges::count(texts, "words"), 1);
  stage.pass(hours(1));
  stage.chat(bob, mallory, 1);
}

TEST_F(HostilePeerError, OfAMissingPrekeyAboutASessionThatWasHeardMovesNothing) {
  stage.write(bob, "mallory", "words");
  stage.settle();
  report(v1::SessionError::UNKNOWN_PREKEY, submitted.front());
  EXPECT_FALSE(at_bob().dead());
  stage.chat(bob, mallory, 1);
}

}  // namespace
}  // namespace sotto::hostile

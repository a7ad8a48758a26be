// PeerState: records, limits, the PQ schedule, sizes, security state (docs/specs/session-protocol.md 5-8).
#include "session/peer_state.h"

#include <gtest/gtest.h>

#include <random>

#include "session/header.h"
#include "session/session.h"
#include "session/test_party.h"
#include "sotto/v1/session.pb.h"
#include "wire/decode.h"

namespace sotto::session {
namespace {

using testing::kStart;
using testing::Party;
using testing::Store;
using testing::TwoParties;

std::vector<StoredRecord> records_of(const Store& store) {
  std::vector<StoredRecord> out;
  for (const auto& [key, value] : store.records) out.push_back({key, value.clone()});
  return out;
}

bool has(const std::vector<Event>& events, Event::Kind kind) {
  return std::ranges::any_of(events, [&](const Event& event) { return event.kind == kind; });
}

/// A world whose store holds every kind of record: sessions, INIT, PQ state, skipped keys of both ratchets,
/// hashes.
std::unique_ptr<TwoParties> busy_world() {
  auto world = std::make_unique<TwoParties>(1);
  world->chat(2);
  world->bob->write("late");
  world->bob->flush();
  world->bob->take_wires();
  world->chat(1);
  world->bob->write("lost");
  world->bob->flush();
  world->bob->take_wires();
  world->chat(9);
  return world;
}

TEST(PeerState, EveryRecordIsNeededWholeAndRefusedOtherwise) {
  const auto world = busy_world();
  EXPECT_GT(world->alice->state().skipped_keys(), 0U);
  ASSERT_TRUE(PeerState::load(records_of(world->alice->store())));
  ASSERT_TRUE(PeerState::load(records_of(world->bob->store())));
  const auto count = records_of(world->alice->store()).size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto whole = records_of(world->alice->store());
    const ByteView octets = SecretCodec::view(whole[i].value);
    if (whole[i].key[0] == 'i') continue;  // an INIT prefix is opaque to its own side
    for (std::size_t length = 0; length < octets.size(); length += 1 + length / 64) {
      auto cut = records_of(world->alice->store());
      cut[i].value = crypto::SecretBytes::copy_of(octets.first(length));
      const auto loaded = PeerState::load(cut);
      ASSERT_FALSE(loaded) << static_cast<char>(whole[i].key[0]) << " " << length;
      EXPECT_EQ(loaded.error(), SessionError::corrupt_record);
    }
    auto longer_key = records_of(world->alice->store());
    longer_key[i].key.push_back(0);
    EXPECT_FALSE(PeerState::load(longer_key));
  }
  EXPECT_FALSE(PeerState::load({}));
}

TEST(PeerState, AnOrdinaryMessageRewritesLittle) {
  TwoParties world(2);
  world.chat(14);  // past the first PQ epochs' large steps
  world.alice->write("x");
  auto& entry = world.alice->store().outbox.rbegin()->second;
  auto sealed = world.alice->state().seal(world.alice_device.local(), world.bob_device.peer(),
                                          {.content = &entry.content}, kStart, world.random);
  ASSERT_TRUE(sealed);
  std::size_t octets = 0;
  for (const auto& change : world.alice->state().take_changes())
    octets += change.value ? change.value->size() : 0;
  EXPECT_LE(octets, 2'048U);
  EXPECT_TRUE(world.alice->state().take_changes().empty());
}

TEST(PeerState, P30_SizesOnTheWireComeFromThePaddingSet) {
  TwoParties world(3);
  world.chat(1);
  std::set<std::size_t> sizes;
  for (const std::size_t length : {1U, 20U, 100U, 160U, 200U, 250U, 1'000U, 5'000U, 20'000U}) {
    world.alice->write(std::string(length, 'x'));
    world.settle();
  }
  for (const std::size_t size : world.alice->wire_sizes) {
    if (size > kHeaderSize + kTagSize + 5'000) continue;
    EXPECT_TRUE(is_padded_size(size - kHeaderSize - kTagSize) || size > 6'000) << size;
  }
  EXPECT_EQ(world.bob->store().inbox.size(), 10U);
}

TEST(PeerState, P7_ATextInAHeardSessionIsSmallAndRekeyingIsCheap) {
  TwoParties world(4);
  world.chat(2);
  world.alice->wire_sizes.clear();
  world.bob->wire_sizes.clear();
  const std::uint32_t before = world.alice->state().security(kStart).pq_epoch;
  world.chat(200);
  std::size_t total = 0;
  std::vector<std::size_t> sizes = world.alice->wire_sizes;
  sizes.insert(sizes.end(), world.bob->wire_sizes.begin(), world.bob->wire_sizes.end());
  for (const std::size_t size : sizes) total += size;
  std::ranges::sort(sizes);
  const std::size_t ordinary = sizes[sizes.size() / 2];
  const std::size_t extra = (total - ordinary * sizes.size()) / sizes.size();
  const std::uint32_t epochs = world.alice->state().security(kStart).pq_epoch - before;
  RecordProperty("ordinary", static_cast<int>(ordinary));
  RecordProperty("extra", static_cast<int>(extra));
  EXPECT_LE(ordinary, 480U);
  EXPECT_LE(extra, 120U + 21U) << epochs << " epochs in " << sizes.size() << " messages";
  EXPECT_GE(epochs, 15U);
}

TEST(PeerState, SecurityStateFollowsTheRatchets) {
  TwoParties world(5, 0);
  EXPECT_FALSE(world.alice->state().security(kStart).established);
  world.alice->write("1");
  world.alice->flush();
  EXPECT_FALSE(world.alice->state().security(kStart).established);
  for (const Bytes& wire : world.alice->take_wires()) world.bob->deliver(wire);
  const SecurityState bob = world.bob->state().security(kStart);
  EXPECT_TRUE(bob.established && bob.last_resort_start && bob.hybrid_authentication);
  EXPECT_EQ(bob.pq_level, 2);
  world.at(kStart + minutes(5));
  world.chat(1);
  const SecurityState alice = world.alice->state().security(kStart);
  EXPECT_EQ(alice.pq_level, 3);
  EXPECT_EQ(alice.pq_epoch, 1U);
  EXPECT_EQ(alice.last_rekey, kStart + minutes(5));
}

// Property 23: messages are lost for good, in both directions, and the PQ ratchet still turns.
TEST(PeerState, P23_HalfOfAllMessagesLostDoesNotStopTheRekeying) {
  for (std::uint64_t seed = 30; seed < 33; ++seed) {
    TwoParties world(seed);
    std::mt19937_64 dice(seed);
    world.chat(1);
    for (int i = 0; i < 600; ++i) {
      Party& from = i % 2 == 0 ? *world.alice : *world.bob;
      Party& to = i % 2 == 0 ? *world.bob : *world.alice;
      from.write("x");
      from.flush();
      for (const Bytes& wire : from.take_wires()) {
        if (dice() % 2 == 0) to.deliver(wire);
      }
    }
    EXPECT_GE(world.alice->state().security(kStart).pq_epoch, 5U) << seed;
    EXPECT_TRUE(world.alice->refusals.empty() && world.bob->refusals.empty()) << seed;
  }
}

TEST(PeerState, P23_AOneSidedConversationHealsThroughAnswersThatSayNothing) {
  TwoParties world(6);
  world.chat(1);
  const std::uint32_t before = world.bob->state().security(kStart).pq_epoch;
  for (int i = 0; i < 120; ++i) {
    world.alice->write("x");
    world.alice->flush();
    for (const Bytes& wire : world.alice->take_wires()) world.bob->deliver(wire);
    if (i % 5 != 0) continue;
    const auto receipt = world.bob->state().seal(world.bob_device.local(), world.alice_device.peer(), {},
                                                 kStart, world.random);
    ASSERT_TRUE(receipt);
    world.alice->deliver(receipt->wire);
  }
  EXPECT_GE(world.bob->state().security(kStart).pq_epoch, before + 3);
}

TEST(PeerState, ADayWithAMessageIsReasonEnoughToRekey) {
  TwoParties world(7);
  world.chat(2);
  const std::uint32_t before = world.alice->state().security(kStart).pq_epoch;
  world.at(kStart + hours(25));
  world.chat(3);
  EXPECT_GT(world.alice->state().security(kStart).pq_epoch, before);
}

TEST(PeerState, AnOwnerWhoAsksForAnEpochGetsItWithinThreeMessagesThatSayNothing) {
  for (const bool alice_asks : {true, false}) {
    TwoParties world(8);
    EXPECT_FALSE(world.alice->state().rekey()) << "nothing to send in yet";
    world.chat(3);
    testing::Party* asking = alice_asks ? &*world.alice : &*world.bob;
    testing::Party* other = alice_asks ? &*world.bob : &*world.alice;
    const auto newest = [&] {
      return std::max(world.alice->state().security(kStart).pq_epoch,
                      world.bob->state().security(kStart).pq_epoch);
    };
    const std::uint32_t before = newest();
    ASSERT_TRUE(asking->state().rekey());
    int messages = 0;
    for (bool owed = true; owed; std::swap(asking, other)) {
      const auto sent =
          asking->state().seal(asking->device().local(), other->device().peer(), {}, kStart, world.random);
      ASSERT_TRUE(sent);
      const auto received = other->state().receive(other->device().local(), asking->device().peer(),
                                                   sent->wire, kStart, world.random);
      ASSERT_TRUE(received);
      EXPECT_FALSE(received->content);
      owed = received->owes_step;
      ASSERT_LE(++messages, 3);
    }
    EXPECT_EQ(newest(), before + 1);
  }
}

/// The step machine alone, both sides, with real signatures.
struct Steps {
  crypto::DeterministicRandom random{11};
  testing::TestDevice alice{1, random};
  testing::TestDevice bob{2, random};
  PqBinding binding{SessionId(ByteArray<16>{1}), {}, Direction::a_to_b};
  PqRatchet ratchet{pq_start(PqSeedKey::copy_of(ByteArray<48>{}), binding.session), Direction::a_to_b};
  PqSteps steps{kStart, std::nullopt};
};

TEST(PqSteps, P24_APeerThatNeverAnswersIsReportedOncePerEpoch) {
  Steps s;
  s.steps.propose_first(crypto::MlKem768DecapsulationKey::generate(s.random));
  s.steps.sign_first(s.binding, s.alice.local(), s.random);
  int reports = 0;
  std::vector<std::uint32_t> carried;
  for (std::uint32_t i = 0; i < 100; ++i) {
    v1::PqStep step;
    if (s.steps.on_send(s.ratchet, step)) carried.push_back(i);
    EXPECT_FALSE(s.steps.on_message(s.ratchet, 0, false));
    EXPECT_FALSE(s.steps.take_stall(kStart + minutes(59)));
    reports += s.steps.take_stall(kStart + kPqStallAge) ? 1 : 0;
    if (i + 1 < kPqStallMessages) EXPECT_EQ(reports, 0);
  }
  EXPECT_EQ(reports, 1);
  EXPECT_EQ(carried, (std::vector<std::uint32_t>{0, 1, 2, 4, 8, 16, 32, 48, 64, 80, 96}));
}

TEST(PqSteps, P24_ASideThatWantsAnEpochAndIsNeverProposedOneReportsIt) {
  Steps s;
  s.binding.mine = Direction::b_to_a;  // A proposes epoch 1
  EXPECT_TRUE(s.steps.want_pq(s.binding, s.ratchet, kStart));
  bool reported = false;
  for (std::uint32_t i = 0; i < kPqTriggerMessages + 2 * kPqStallMessages; ++i) {
    v1::PqStep step;
    s.steps.on_send(s.ratchet, step);
    s.steps.on_message(s.ratchet, 0, false);
    reported = reported || s.steps.take_stall(kStart + kPqStallAge);
  }
  EXPECT_TRUE(reported);
}

TEST(PqSteps, P25_StepsOutOfTurnAreViolationsAndLateCopiesAreNot) {
  Steps s;
  const auto feed = [&](std::uint32_t epoch, bool ek, bool ct) {
    v1::PqStep step;
    step.set_epoch(epoch);
    if (ek) step.set_ek(std::string(crypto::MlKem768::kEncapsulationKeySize, 'e'));
    if (ct) step.set_ct(std::string(crypto::MlKem768::kCiphertextSize, 'c'));
    return s.steps.on_step(s.binding, s.ratchet, step, s.alice.local(), s.bob.peer(), kStart, s.random);
  };
  EXPECT_EQ(feed(0, true, false), PqSteps::Outcome::ignored);
  EXPECT_EQ(feed(1, false, false), PqSteps::Outcome::violation);
  EXPECT_EQ(feed(1, true, true), PqSteps::Outcome::violation);
  EXPECT_EQ(feed(1, true, false), PqSteps::Outcome::violation);  // A's own turn
  EXPECT_EQ(feed(1, false, true), PqSteps::Outcome::violation);  // nothing was proposed
  EXPECT_EQ(feed(2, true, false), PqSteps::Outcome::violation);  // ahead
  s.steps.propose_first(crypto::MlKem768DecapsulationKey::generate(s.random));
  EXPECT_EQ(feed(1, false, true), PqSteps::Outcome::violation);  // another ek_id
  EXPECT_EQ(feed(1, true, false), PqSteps::Outcome::violation);
  // On B's side an unsigned key is only ignored.
  s.binding.mine = Direction::b_to_a;
  PqSteps responder(kStart, crypto::Sha384Digest{});
  v1::PqStep step;
  step.set_epoch(1);
  step.set_ek(std::string(crypto::MlKem768::kEncapsulationKeySize, 'e'));
  EXPECT_EQ(responder.on_step(s.binding, s.ratchet, step, s.bob.local(), s.alice.peer(), kStart, s.random),
            PqSteps::Outcome::unauthenticated);
}

TEST(PqSteps, AFirstKeyOtherThanTheClaimedOneIsAViolation) {
  Steps s;
  PqSteps proposer(kStart, std::nullopt);
  proposer.propose_first(crypto::MlKem768DecapsulationKey::generate(s.random));
  proposer.sign_first(s.binding, s.alice.local(), s.random);
  v1::PqStep step;
  ASSERT_TRUE(proposer.on_send(s.ratchet, step));
  auto binding = s.binding;
  binding.mine = Direction::b_to_a;
  PqRatchet ratchet(pq_start(PqSeedKey::copy_of(ByteArray<48>{}), binding.session), Direction::b_to_a);
  PqSteps claimed_other(kStart, crypto::Sha384Digest{});
  EXPECT_EQ(claimed_other.on_step(binding, ratchet, step, s.bob.local(), s.alice.peer(), kStart, s.random),
            PqSteps::Outcome::violation);
  PqSteps claimed_this(kStart, crypto::sha384(wire::octets(step.ek())));
  EXPECT_EQ(claimed_this.on_step(binding, ratchet, step, s.bob.local(), s.alice.peer(), kStart, s.random),
            PqSteps::Outcome::answered);
  // The same key again re-arms the answer; another one, properly signed, is a violation.
  EXPECT_EQ(claimed_this.on_step(binding, ratchet, step, s.bob.local(), s.alice.peer(), kStart, s.random),
            PqSteps::Outcome::ignored);
  PqSteps second(kStart, std::nullopt);
  second.propose_first(crypto::MlKem768DecapsulationKey::generate(s.random));
  second.sign_first(s.binding, s.alice.local(), s.random);
  v1::PqStep other;
  ASSERT_TRUE(second.on_send(s.ratchet, other));
  EXPECT_EQ(claimed_this.on_step(binding, ratchet, other, s.bob.local(), s.alice.peer(), kStart, s.random),
            PqSteps::Outcome::violation);
}

TEST(PeerState, ContentThatDoesNotFitAnEnvelopeIsRefusedUnchanged) {
  TwoParties world(8);
  world.chat(1);
  world.alice->write(std::string(kMaxEnvelope, 'x'));
  const auto& entry = world.alice->store().outbox.rbegin()->second;
  const auto sealed = world.alice->state().seal(world.alice_device.local(), world.bob_device.peer(),
                                                {.content = &entry.content}, kStart, world.random);
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error(), SessionError::too_large);
  EXPECT_TRUE(world.alice->state().take_changes().empty());
}

TEST(PeerState, ResetsAreRareAndBackOff) {
  BackOff limit;
  UnixMs now = kStart;
  EXPECT_TRUE(limit.allows(now));
  for (std::uint32_t i = 0; i <= kMaxResetDoublings; ++i) {
    limit.use(now);
    const DurationMs interval{kResetInterval.value << i};
    EXPECT_FALSE(limit.allows(UnixMs{now.value + interval.value - 1}));
    now = now + interval;
    EXPECT_TRUE(limit.allows(now));
  }
  now = now + kResetForgiveness + kResetForgiveness;
  limit.use(now);
  EXPECT_TRUE(limit.allows(now + kResetInterval));
}

TEST(PeerState, SkippedKeysAreBoundedExpireAndCanBeGivenUp) {
  TwoParties world(10);
  world.chat(1);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 900; ++i) {
      world.alice->write("x");
      world.alice->flush();
      world.alice->take_wires();
    }
    world.chat(1);
  }
  EXPECT_LE(world.bob->state().skipped_keys(), 2 * kMaxSkippedKeys);
  EXPECT_GT(world.bob->state().skipped_keys(), 2 * kMaxSkippedKeys - 256);
  const std::size_t before = world.bob->state().skipped_keys();
  world.bob->state().drop_oldest_skipped(1'000);
  EXPECT_LE(world.bob->state().skipped_keys(), before - 1'000);
  world.at(kStart + days(29));
  world.chat(1);
  world.bob->state().expire(kStart + days(31));
  EXPECT_EQ(world.bob->state().skipped_keys(), 0U);
  EXPECT_EQ(world.bob->state().sessions().size(), 1U);
}

TEST(PeerState, ASessionUnusedForThirtyDaysIsForgotten) {
  TwoParties world(11);
  world.chat(1);
  const auto events = world.alice->state().expire(kStart + days(31));
  EXPECT_TRUE(has(events, Event::Kind::session_dead));
  EXPECT_FALSE(world.alice->state().security(kStart + days(31)).established);
  EXPECT_EQ(world.alice->state()
                .seal(world.alice_device.local(), world.bob_device.peer(), {}, kStart, world.random)
                .error(),
            SessionError::need_bundle);
  // What the peer still sends there is recognised as the peer's.
  EXPECT_EQ(world.alice->state().sessions().size(), 1U);
}

TEST(PeerState, GossipTravelsInClaimsAndMessages) {
  TwoParties world(12);
  Gossip gossip{.own_manifest = {3, {1}}, .peer_manifest = {4, {2}}, .head = {{5}, 6, {7}}};
  ASSERT_TRUE(world.alice->state().start_session(world.alice_device.local(), world.bob_device.peer(),
                                                 world.bob_device.bundle(kStart), gossip, kStart,
                                                 world.random));
  const auto sealed = world.alice->state().seal(world.alice_device.local(), world.bob_device.peer(),
                                                {.gossip = gossip}, kStart, world.random);
  const auto opened = open_init(world.bob_device.local(), world.bob_device.ring, sealed->wire);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->claim.gossip, gossip);
  const auto accepted = world.bob->state().accept_init(world.bob_device.local(), world.alice_device.peer(),
                                                       *opened, kStart, world.random);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->received.gossip, gossip);
}

TEST(PeerState, ErrorsShownToAPeerAreFewAndTheRestIsSilent) {
  EXPECT_EQ(collapse(SessionError::unknown_session), ReportCode::unknown_session);
  EXPECT_EQ(collapse(SessionError::unknown_prekey), ReportCode::unknown_prekey);
  EXPECT_EQ(collapse(SessionError::stale_index), ReportCode::stale_index);
  EXPECT_EQ(collapse(SessionError::unknown_epoch), ReportCode::undecryptable);
  EXPECT_EQ(collapse(SessionError::limit_exceeded), ReportCode::undecryptable);
  for (const auto error :
       {SessionError::bad_mac, SessionError::bad_padding, SessionError::bad_payload,
        SessionError::bad_ratchet_auth, SessionError::bad_handshake, SessionError::bad_signature,
        SessionError::duplicate, SessionError::replayed, SessionError::malformed}) {
    EXPECT_EQ(collapse(error), std::nullopt) << describe(error);
  }
}

}  // namespace
}  // namespace sotto::session

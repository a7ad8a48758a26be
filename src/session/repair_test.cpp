// Conflicts and repair (docs/specs/session-protocol.md 9): simultaneous INITs, lost and restored stores,
// errors, limits.
#include <gtest/gtest.h>

#include <random>

#include "session/header.h"
#include "session/test_party.h"

namespace sotto::session {
namespace {

using testing::kStart;
using testing::Party;
using testing::Store;
using testing::TwoParties;

/// Lets time pass in steps long enough for every back-off, carrying everything.
void heal(TwoParties& world) {
  for (int step = 0; step < 6; ++step) {
    world.settle();
    world.at(world.alice->now + hours(22));
  }
  world.settle();
}

/// After one round trip both have heard whatever the other sends in.
bool same_sending_session(TwoParties& world) {
  world.chat(1);
  world.alice->write("probe a");
  world.settle();
  world.bob->write("probe b");
  world.settle();
  const auto& a = world.alice->store().outbox.rbegin()->second.session;
  const auto& b = world.bob->store().outbox.rbegin()->second.session;
  return a == b;
}

// Both write at once; every order of delivering the first `depth` envelopes is tried.
TEST(Repair, P11_SimultaneousInitsConvergeInEveryInterleaving) {
  for (std::uint32_t order = 0; order < 256; ++order) {
    TwoParties world(1000 + order);
    std::deque<Bytes> to_bob;
    std::deque<Bytes> to_alice;
    const auto collect = [&] {
      for (Bytes& wire : world.alice->take_wires()) to_bob.push_back(std::move(wire));
      for (Bytes& wire : world.bob->take_wires()) to_alice.push_back(std::move(wire));
    };
    for (std::uint32_t bit = 0; bit < 8; ++bit) {
      // One side writes, the other gets what is on its way; which, the bit says.
      const bool alice_first = (order >> bit & 1) != 0;
      Party& writer = alice_first ? *world.alice : *world.bob;
      writer.write("w" + std::to_string(bit));
      writer.flush();
      collect();
      auto& queue = alice_first ? to_alice : to_bob;
      if (bit >= 2 && !queue.empty()) {
        writer.deliver(queue.front());
        queue.pop_front();
      }
    }
    for (const Bytes& wire : to_bob) world.bob->deliver(wire);
    for (const Bytes& wire : to_alice) world.alice->deliver(wire);
    world.settle();
    EXPECT_EQ(world.alice->store().inbox.size() + world.bob->store().inbox.size(), 8U) << order;
    EXPECT_TRUE(same_sending_session(world)) << order;
    EXPECT_TRUE(world.alice->refusals.empty() && world.bob->refusals.empty()) << order;
  }
}

// A device restored from an older copy: whatever it wrote before, it repairs itself, and no key is used
// twice.
void roll_back(std::uint64_t seed, int before, int after, bool restored_writes) {
  SCOPED_TRACE("seed " + std::to_string(seed) + " before " + std::to_string(before) + " after " +
               std::to_string(after));
  TwoParties world(seed);
  world.chat(before);
  Store old = world.alice->store().clone();
  world.chat(after);
  world.at(world.alice->now + minutes(1));
  world.alice->restart_from(std::move(old));
  world.alice->refusals.clear();
  world.bob->refusals.clear();
  if (restored_writes) world.alice->write("from the restored");
  world.bob->write("to the restored");
  heal(world);
  world.alice->write("again from the restored");
  world.bob->write("again to the restored");
  heal(world);
  EXPECT_EQ(world.bob->store().inbox.count("from the restored"), restored_writes ? 1U : 0U);
  EXPECT_EQ(world.bob->store().inbox.count("again from the restored"), 1U);
  EXPECT_EQ(world.alice->store().inbox.count("to the restored"), 1U);
  EXPECT_EQ(world.alice->store().inbox.count("again to the restored"), 1U);
  EXPECT_TRUE(same_sending_session(world));
}

TEST(Repair, P12_ARestoredDeviceRepairsItselfWhateverItMissed) {
  std::uint64_t seed = 100;
  for (const int before : {0, 1, 3, 30}) {
    for (const int after : {1, 2, 10, 70}) {
      roll_back(seed++, before, after, true);
      roll_back(seed++, before, after, false);
    }
  }
}

// Several sessions are damaged at once, in both directions, so that an error about one may not be readable in
// another.
void roll_both_back(std::uint64_t seed, int rounds) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 dice(seed);
  TwoParties world(seed);
  const auto either = [&]() -> Party& { return dice() % 2 == 0 ? *world.alice : *world.bob; };
  for (int round = 0; round < rounds; ++round) {
    world.alice_device.publish(world.alice->now, world.random);
    world.bob_device.publish(world.alice->now, world.random);
    world.chat(1);
    const auto talk = [&] {
      for (std::uint64_t left = dice() % 6; left > 0; --left) {
        either().write("before");
        world.settle();
      }
    };
    Store alice = world.alice->store().clone();
    talk();
    Store bob = world.bob->store().clone();
    talk();
    world.at(world.alice->now + minutes(1));
    world.alice->restart_from(std::move(alice));
    talk();
    world.bob->restart_from(std::move(bob));
    world.at(world.alice->now + days(2));  // no back-off is left from before
    const std::string mark = std::to_string(round);
    world.alice->write("to bob " + mark);
    world.bob->write("to alice " + mark);
    heal(world);
    EXPECT_EQ(world.bob->store().inbox.count("to bob " + mark), 1U) << "round " << round;
    EXPECT_EQ(world.alice->store().inbox.count("to alice " + mark), 1U) << "round " << round;
  }
}

TEST(Repair, P12_TwoDevicesThatWereBothRestoredRepairThemselves) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) roll_both_back(seed, 2);
}

// Each holds sessions that the other has lost: an error in one of those only makes the other send an error.
TEST(Repair, P12_TwoDevicesThatAreRestoredAgainAndAgainComeToRest) {
  for (std::uint64_t seed = 100; seed < 140; ++seed) roll_both_back(seed, 6);
}

TEST(Repair, P12_MessagesOfARolledBackSenderNeverShareAKeystream) {
  TwoParties world(7);
  world.chat(2);
  world.alice->write("x");
  world.settle();
  const Store old = world.alice->store().clone();
  // The same counter, the same plaintext, twice: salts differ, so ciphertexts share nothing.
  std::vector<Bytes> wires;
  for (int run = 0; run < 2; ++run) {
    world.alice->restart_from(old.clone());
    world.alice->write("the very same words");
    world.alice->flush();
    wires.push_back(world.alice->take_wires().back());
  }
  ASSERT_EQ(wires[0].size(), wires[1].size());
  const auto first = parse_message(wires[0]);
  const auto second = parse_message(wires[1]);
  ASSERT_EQ(first->header.n, second->header.n);
  ASSERT_EQ(first->header.ratchet_key, second->header.ratchet_key);
  std::size_t equal_octets = 0;
  for (std::size_t i = 0; i < first->ciphertext.size(); ++i) {
    equal_octets += first->ciphertext[i] == second->ciphertext[i] ? 1U : 0U;
  }
  EXPECT_LT(equal_octets, 16U);
  // The peer takes the first, recognises the second as from a rolled-back sender, and a repeat of the first
  // in silence.
  EXPECT_TRUE(world.bob->deliver(wires[0]));
  world.bob->deliver(wires[1]);
  EXPECT_EQ(world.bob->refusals[SessionError::stale_index], 1);
  world.bob->deliver(wires[0]);
  EXPECT_EQ(world.bob->refusals[SessionError::duplicate], 1);
}

TEST(Repair, ALostStoreIsReplacedAndWhatWasUnreadableIsSentAgain) {
  TwoParties world(8);
  world.chat(3);
  // Bob's sessions are gone, his prekeys and inbox are not.
  Store empty = world.bob->store().clone();
  empty.records.clear();
  world.bob->restart_from(std::move(empty));
  world.alice->write("into the void");
  heal(world);
  EXPECT_EQ(world.bob->refusals[SessionError::unknown_session], 1);
  EXPECT_EQ(world.bob->store().inbox.count("into the void"), 1U);
  EXPECT_TRUE(same_sending_session(world));
}

TEST(Repair, AnInitForLostPrekeysIsAnsweredAndMadeAgain) {
  TwoParties world(9);
  world.alice->write("hello");
  world.alice->flush();
  Store without = world.bob->store().clone();
  without.ring = PrekeyRing().encode();
  world.bob->restart_from(std::move(without));
  auto wires = world.alice->take_wires();
  world.bob->deliver(wires.front());
  EXPECT_EQ(world.bob->refusals[SessionError::unknown_prekey], 1);
  world.bob_device.publish(kStart, world.random);
  heal(world);
  EXPECT_EQ(world.bob->store().inbox.count("hello"), 1U);
  EXPECT_TRUE(same_sending_session(world));
}

TEST(Repair, ARelayCannotMoveAnythingWithForgedOrOldMessages) {
  TwoParties world(10);
  world.chat(3);
  world.alice->write("genuine");
  world.alice->flush();
  const Bytes genuine = world.alice->take_wires().front();
  const auto session = world.alice->store().outbox.rbegin()->second.session;
  std::mt19937_64 dice(10);
  for (int i = 0; i < 200; ++i) {
    Bytes forged = genuine;
    forged[2 + 16 + dice() % (forged.size() - 18)] ^= static_cast<std::uint8_t>(1 + dice() % 255);
    world.bob->deliver(forged);
  }
  // Reports are few, and the sender, who never sent those octets, heeds none.
  EXPECT_LE(world.bob->store().reports.size(), kMaxErrorsPerInterval);
  world.bob->deliver(genuine);
  heal(world);
  EXPECT_EQ(world.bob->store().inbox.count("genuine"), 1U);
  for (const Event& event : world.alice->events) {
    EXPECT_NE(event.kind, Event::Kind::session_dead);
    EXPECT_NE(event.kind, Event::Kind::resend);
  }
  const auto sessions = world.alice->state().sessions();
  EXPECT_NE(std::ranges::find(sessions, session), sessions.end());
}

TEST(Repair, AnUnheardInitIsDroppedAfterThreeDaysAndMadeAnew) {
  TwoParties world(11);
  world.alice->write("lost by the relay");
  world.alice->flush();
  world.alice->take_wires();
  world.at(kStart + hours(73));
  const auto events = world.alice->state().expire(world.alice->now);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, Event::Kind::session_dead);
  world.alice->write("arrives");
  world.settle();
  EXPECT_EQ(world.bob->store().inbox.count("arrives"), 1U);
  EXPECT_TRUE(same_sending_session(world));
}

// Both agreed that a session is dead; then one of them is restored to when it was not, and goes on in it.
TEST(Repair, P12_ASessionThatOneSideHasBuriedIsGivenUpByARestoredOther) {
  for (std::uint64_t seed = 200; seed < 216; ++seed) {
    TwoParties world(seed, 16);
    world.chat(2);
    Store oldest = world.alice->store().clone();
    world.chat(2);
    Store old = world.alice->store().clone();
    const auto buried = world.alice->store().outbox.rbegin()->second.session;
    world.at(world.alice->now + minutes(1));
    world.alice->restart_from(std::move(oldest));
    world.alice->write("second life");
    heal(world);
    world.chat(2);
    EXPECT_NE(world.alice->store().outbox.rbegin()->second.session, buried);
    world.at(world.alice->now + days(2));
    world.bob->refusals.clear();
    world.alice->restart_from(std::move(old));
    world.alice->write("third life");
    heal(world);
    EXPECT_EQ(world.bob->store().inbox.count("third life"), 1U);
    EXPECT_TRUE(world.bob->refusals.empty()) << "the dead session no longer opens";
    EXPECT_TRUE(same_sending_session(world)) << seed;
  }
}

// The relay delivers the INIT just before its sender gives it up, and the peer goes on in that session.
TEST(Repair, AnInitThatWasGivenUpIsStillReadWhenThePeerSpeaksInIt) {
  TwoParties world(16);
  world.alice->write("late");
  world.alice->flush();
  const Bytes init = world.alice->take_wires().front();
  world.at(kStart + hours(71));
  EXPECT_TRUE(world.bob->deliver(init));
  world.at(kStart + hours(73));
  world.alice->state().expire(world.alice->now);
  world.bob->write("answer");
  world.settle();
  EXPECT_EQ(world.alice->store().inbox.count("answer"), 1U);
  EXPECT_TRUE(world.alice->refusals.empty());
  EXPECT_TRUE(same_sending_session(world));
}

TEST(Repair, NewSessionsFromOneDeviceAreLimited) {
  TwoParties world(12, 32);
  int accepted = 0;
  for (int i = 0; i < 14; ++i) {
    // A peer that forgets everything each time.
    Store empty = world.alice->store().clone();
    empty.records.clear();
    world.alice->restart_from(std::move(empty));
    world.alice->write("m" + std::to_string(i));
    world.alice->flush();
    const auto wires = world.alice->take_wires();
    accepted += world.bob->deliver(wires.back()) ? 1 : 0;
  }
  EXPECT_EQ(accepted, static_cast<int>(kMaxNewSessionsPerHour));
  EXPECT_EQ(world.bob->refusals[SessionError::rate_limited], 14 - accepted);
  EXPECT_LE(world.bob->state().sessions().size(), kMaxReceiveOnlySessions + 1 + kMaxRetiredSessions);
}

TEST(Repair, P9_AnInitIsAcceptedOnceAlsoAfterARestartAndAfterTwentyNineDays) {
  for (const bool one_time : {true, false}) {
    TwoParties world(13, one_time ? 4 : 0);
    world.alice->write("once");
    world.alice->flush();
    const Bytes init = world.alice->take_wires().front();
    EXPECT_TRUE(world.bob->deliver(init));
    world.bob->deliver(init);
    EXPECT_EQ(world.bob->refusals[SessionError::duplicate], 1);
    world.bob->restart();
    world.bob->deliver(init);
    EXPECT_EQ(world.bob->refusals[SessionError::duplicate], 2);
    // Rotated, the session expired and gone, the accepted hash forgotten: the replay set still knows.
    world.bob_device.publish(kStart + days(7), world.random);
    world.at(kStart + days(29));
    world.bob_device.ring.expire(world.bob->now);
    Store forgotten = world.bob->store().clone();
    forgotten.ring = world.bob_device.ring.encode();
    forgotten.records.clear();
    world.bob->restart_from(std::move(forgotten));
    world.bob->deliver(init);
    EXPECT_EQ(world.bob->refusals[SessionError::replayed], 1);
    // When the private halves are gone, so is the memory: the INIT cannot be opened any more.
    EXPECT_TRUE(world.bob_device.ring.expire(kStart + days(7) + kPrivateHalvesKept));
    const auto opened = open_init(world.bob_device.local(), world.bob_device.ring, init);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error(), SessionError::unknown_prekey);
    EXPECT_EQ(world.bob->store().inbox.count("once"), 1U);
  }
}

TEST(Repair, AnInitPrefixThatWasAlteredForAKnownSessionIsRefused) {
  TwoParties world(14);
  world.alice->write("1");
  world.alice->write("2");
  world.alice->flush();
  const auto wires = world.alice->take_wires();
  EXPECT_TRUE(world.bob->deliver(wires[0]));
  Bytes altered = wires[1];
  altered[100] ^= 1;
  world.bob->deliver(altered);
  EXPECT_EQ(world.bob->refusals[SessionError::init_mismatch], 1);
  EXPECT_TRUE(world.bob->deliver(wires[1]));
  EXPECT_EQ(world.bob->store().inbox.size(), 2U);
}

TEST(Repair, P26_NothingIsSealedForADeviceOtherThanTheResolvedOne) {
  TwoParties world(15);
  world.chat(1);
  testing::TestDevice ghost(2, world.random);  // same account and device id, another key
  const auto sealed =
      world.alice->state().seal(world.alice_device.local(), ghost.peer(), {}, kStart, world.random);
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error(), SessionError::peer_changed);
  ghost.publish(kStart, world.random);
  const auto started = world.alice->state().start_session(world.alice_device.local(), world.bob_device.peer(),
                                                          ghost.bundle(kStart), {}, kStart, world.random);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error(), SessionError::peer_changed);
  world.bob->write("to alice");
  world.bob->flush();
  const auto wires = world.bob->take_wires();
  const auto received =
      world.alice->state().receive(world.alice_device.local(), ghost.peer(), wires[0], kStart, world.random);
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().error, SessionError::peer_changed);
}

}  // namespace
}  // namespace sotto::session

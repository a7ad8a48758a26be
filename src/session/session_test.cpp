// The core of a session, without PeerState: handshake, both ratchets, what a thief of a state can do.
#include "session/session.h"

#include <gtest/gtest.h>

#include "session/handshake.h"
#include "session/test_devices.h"

namespace sotto::session {
namespace {

using testing::kStart;
using testing::TestDevice;

struct Pair {
  explicit Pair(std::uint64_t seed = 1, bool one_time = true)
      : random(seed), alice(1, random), bob(2, random) {
    bob.publish(kStart, random);
    auto session = initiate(alice.local(), one_time ? bob.bundle(kStart) : bob.last_resort(kStart), {}, {},
                            kStart, random);
    EXPECT_TRUE(session);
    a.emplace(*std::move(session));
    first = send(*a, "first");
    auto opened = open_init(bob.local(), bob.ring, first);
    EXPECT_TRUE(opened) << describe(opened.error());
    auto responder = respond(alice.peer(), *opened, kStart);
    EXPECT_TRUE(responder) << describe(responder.error());
    b.emplace(*std::move(responder));
    EXPECT_EQ(deliver(*b, ByteView(opened->wire).subspan(opened->message_offset)), "first");
  }

  Bytes send(Session& from, std::string_view text) {
    EXPECT_TRUE(from.step_if_due(random));
    return from.encrypt(as_bytes(text), false, kStart, random);
  }
  static std::string deliver(Session& to, ByteView wire) {
    const auto message = parse_message(wire);
    if (!message) return std::string(describe(message.error()));
    auto opened = to.open(*message, kStart);
    if (!opened) return std::string(describe(opened.error()));
    std::string text(as_chars(opened->payload()));
    to.commit(*std::move(opened), kStart);
    return text;
  }

  crypto::DeterministicRandom random;
  TestDevice alice;
  TestDevice bob;
  std::optional<Session> a;
  std::optional<Session> b;
  Bytes first;
};

TEST(Session, BothSidesAgreeAfterAOneTimeAndAfterALastResortStart) {
  for (const bool one_time : {true, false}) {
    Pair pair(1, one_time);
    EXPECT_EQ(pair.a->id(), pair.b->id());
    EXPECT_EQ(pair.a->init_hash(), pair.b->init_hash());
    EXPECT_EQ(pair.a->last_resort_start(), !one_time);
    EXPECT_EQ(pair.b->last_resort_start(), !one_time);
    EXPECT_EQ(Pair::deliver(*pair.a, pair.send(*pair.b, "answer")), "answer");
    EXPECT_TRUE(pair.a->prefix().empty());
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(Pair::deliver(*pair.b, pair.send(*pair.a, "ping")), "ping");
      EXPECT_EQ(Pair::deliver(*pair.a, pair.send(*pair.b, "pong")), "pong");
    }
  }
}

TEST(Session, DeliversOvertakenMessagesOfOlderChainsOnce) {
  Pair pair;
  EXPECT_EQ(Pair::deliver(*pair.a, pair.send(*pair.b, "0")), "0");
  const Bytes late = pair.send(*pair.a, "late");
  EXPECT_EQ(Pair::deliver(*pair.b, pair.send(*pair.a, "1")), "1");
  EXPECT_EQ(Pair::deliver(*pair.a, pair.send(*pair.b, "2")), "2");
  EXPECT_EQ(Pair::deliver(*pair.b, pair.send(*pair.a, "3")), "3");
  EXPECT_EQ(pair.b->ec().skipped().size(), 1U);
  EXPECT_EQ(pair.b->pq().skipped().size(), 1U);
  EXPECT_EQ(Pair::deliver(*pair.b, late), "late");
  EXPECT_EQ(pair.b->ec().skipped().size(), 0U);
  EXPECT_EQ(Pair::deliver(*pair.b, late), describe(SessionError::stale_index));
}

}  // namespace
}  // namespace sotto::session

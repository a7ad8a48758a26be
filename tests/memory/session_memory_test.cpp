// A real exchange of two sessions whose secrets are known: which of them are still in memory, and when.
#include <gtest/gtest.h>

#include "known_secrets.h"
#include "session/handshake.h"
#include "session/secret_codec.h"
#include "session/session_record.h"
#include "session/test_devices.h"

namespace sotto::testing {
namespace {

using session::SecretCodec;
using session::testing::kStart;
using session::testing::TestDevice;
using Nothing = std::vector<std::string>;

/// Alice and Bob in one conversation. Everything secret that passes by is noted.
class SessionMemory : public ::testing::Test {
 protected:
  struct World {
    explicit World(crypto::RandomSource& random) : alice(1, random), bob(2, random) {
      bob.publish(kStart, random, 2);
      auto started = session::initiate(alice.local(), bob.bundle(kStart), {}, {}, kStart, random);
      EXPECT_TRUE(started);
      a.emplace(*std::move(started));
    }
    TestDevice alice;
    TestDevice bob;
    std::optional<session::Session> a;
    std::optional<session::Session> b;
  };

  void answer_first(World& world, KnownSecrets& keys) {
    const Bytes first = world.a->encrypt(as_bytes("first"), false, kStart, random);
    auto opened = session::open_init(world.bob.local(), world.bob.ring, first);
    ASSERT_TRUE(opened);
    keys.add("PRK0", SecretCodec::view(opened->prk0));
    auto responder = session::respond(world.alice.peer(), *opened, kStart);
    ASSERT_TRUE(responder);
    world.b.emplace(*std::move(responder));
    world.bob.ring.consume(opened->use);
    receive(*world.b, ByteView(opened->wire).subspan(opened->message_offset), keys);
  }
  void receive(session::Session& to, ByteView wire, KnownSecrets& keys) {
    auto opened = to.open(session::parse_message(wire).value(), kStart);
    ASSERT_TRUE(opened);
    keys.add("mk_ec", SecretCodec::view(opened->ec.key.key));
    keys.add("mk_pq", SecretCodec::view(opened->pq.key));
    const auto& header = opened->header;
    for (const auto direction : {session::Direction::a_to_b, session::Direction::b_to_a}) {
      const auto sealing =
          session::message_keys(opened->ec.key.key, opened->pq.key, to.id(),
                                {direction, header.n, header.pq_epoch, header.pq_n, header.salt});
      keys.add("enc", SecretCodec::view(sealing.enc));
      keys.add("mac", SecretCodec::view(sealing.mac));
    }
    to.commit(*std::move(opened), kStart);
  }
  /// `text` is made, sent and received inside, and noted.
  void say(session::Session& from, session::Session& to, KnownSecrets& keys) {
    ASSERT_TRUE(from.step_if_due(random));
    Bytes text = to_bytes(random.array<24>());
    keys.add("plaintext", text);
    receive(to, from.encrypt(text, false, kStart, random), keys);
  }
  /// The root and chain keys in a stored session: docs/specs/session-protocol.md 7.
  static void note_ratchets(const session::Session& session, KnownSecrets& keys) {
    const auto record = session::SessionRecord::encode_core(session);
    session::RecordReader in(record);
    in.raw(1 + 16 + 1 + 48 + 48 + 8 + 8 + 5);
    if (in.flag()) in.raw(64);
    keys.add("RK", in.raw(48));
    if (in.flag()) keys.add("ratchet scalar", in.raw(32));
    if (in.flag()) in.raw(33);
    if (in.flag()) keys.add("CK sending", in.raw(52));
    in.u32();
    if (in.flag()) keys.add("CK receiving", in.raw(52));
    keys.add("PQRK", in.raw(48));
    in.u32();
    keys.add("CKpq sending", in.raw(52));
    in.raw(8);
    keys.add("CKpq receiving", in.raw(52));
    ASSERT_FALSE(in.failed());
  }

  KnownSecrets identities;  ///< what was drawn for keys that live as long as the world
  NotingRandom random{identities};
};

TEST_F(SessionMemory, P32_UsedMessageKeysAndPlaintextAreGoneWhileTheSessionLives) {
  World world(random);
  KnownSecrets used;
  answer_first(world, used);
  for (int i = 0; i < 4; ++i) {
    say(*world.b, *world.a, used);
    say(*world.a, *world.b, used);
  }
  EXPECT_EQ(used.found(), Nothing());
  EXPECT_FALSE(identities.found().empty()) << "the living private keys are in memory";
}

TEST_F(SessionMemory, P32_OlderRatchetKeysAreGoneWhileTheSessionLives) {
  World world(random);
  KnownSecrets used;
  answer_first(world, used);
  KnownSecrets older;
  note_ratchets(*world.a, older);
  note_ratchets(*world.b, older);
  EXPECT_FALSE(older.found().empty()) << "the ratchets are in use";
  for (int i = 0; i < 2; ++i) {
    say(*world.b, *world.a, used);
    say(*world.a, *world.b, used);
  }
  for (const std::string& place : older.found()) {
    EXPECT_TRUE(place.starts_with("PQRK"))
        << place;  // the root of an epoch lives until the next one is installed
  }
}

TEST_F(SessionMemory, P32_NothingIsLeftOfDroppedDevicesAndSessions) {
  KnownSecrets used;
  {
    World world(random);
    answer_first(world, used);
    for (int i = 0; i < 3; ++i) {
      say(*world.b, *world.a, used);
      say(*world.a, *world.b, used);
    }
    note_ratchets(*world.a, used);
    note_ratchets(*world.b, used);
  }
  EXPECT_EQ(used.found(), Nothing());
  EXPECT_EQ(identities.found(), Nothing());
}

}  // namespace
}  // namespace sotto::testing

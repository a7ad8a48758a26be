// Sessions and identities made of watched secrets, from their first random octet on: what is asked here is
// that nothing of src/session and src/identity branches on a key or finds memory with one, whatever arrives.
#include "identity/link_grant.h"
#include "identity/test_support.h"
#include "linking/new_device.h"
#include "linking/trusted_device.h"
#include "poison.h"
#include "session/handshake.h"
#include "session/header.h"
#include "session/padding.h"
#include "session/secret_codec.h"
#include "session/session_record.h"
#include "session/test_party.h"

namespace sotto::testing {
namespace {

using session::testing::kStart;
using session::testing::TestDevice;

/// Two sessions that know each other, made from poisoned randomness.
struct Pair {
  explicit Pair(crypto::RandomSource& source, bool one_time = true)
      : random(source), alice(1, source), bob(2, source) {
    bob.publish(kStart, random, 2);
    auto bundle = one_time ? bob.bundle(kStart) : bob.last_resort(kStart);
    auto started = session::initiate(alice.local(), bundle, {}, {}, kStart, random);
    EXPECT_TRUE(started);
    a.emplace(*std::move(started));
    const Bytes first = send(*a, "first");
    auto opened = session::open_init(bob.local(), bob.ring, first);
    EXPECT_TRUE(opened);
    auto responder = session::respond(alice.peer(), *opened, kStart);
    EXPECT_TRUE(responder);
    b.emplace(*std::move(responder));
    EXPECT_TRUE(deliver(*b, ByteView(opened->wire).subspan(opened->message_offset)));
  }

  Bytes send(session::Session& from, std::string_view text) {
    EXPECT_TRUE(from.step_if_due(random));
    return from.encrypt(as_bytes(text), false, kStart, random);
  }
  static session::SessionResult<void> deliver(session::Session& to, ByteView wire) {
    const auto message = session::parse_message(wire);
    if (!message) return err(message.error());
    auto opened = to.open(*message, kStart);
    if (!opened) return err(opened.error());
    to.commit(*std::move(opened), kStart);
    return {};
  }

  crypto::RandomSource& random;
  TestDevice alice;
  TestDevice bob;
  std::optional<session::Session> a;
  std::optional<session::Session> b;
};

TEST_F(ConstantTime, P31_HandshakesOfBothKinds) {
  expect_constant_time([&] { Pair(random, true); });
  expect_constant_time([&] { Pair(random, false); });
}

TEST_F(ConstantTime, P31_ChainsSkippedKeysAndRatchetSteps) {
  Pair pair(random);
  expect_constant_time([&] {
    EXPECT_TRUE(Pair::deliver(*pair.a, pair.send(*pair.b, "0")));
    const Bytes late = pair.send(*pair.a, "late");
    const Bytes later = pair.send(*pair.a, "later");
    EXPECT_TRUE(Pair::deliver(*pair.b, pair.send(*pair.a, "1")));
    EXPECT_TRUE(Pair::deliver(*pair.a, pair.send(*pair.b, "2")));
    EXPECT_TRUE(Pair::deliver(*pair.b, pair.send(*pair.a, "3")));
    EXPECT_TRUE(Pair::deliver(*pair.b, late));
    EXPECT_EQ(Pair::deliver(*pair.b, late).error(), session::SessionError::stale_index);
    EXPECT_TRUE(Pair::deliver(*pair.b, later));
  });
}

TEST_F(ConstantTime, P31_AForgedMessageIsRefusedInTheTimeOfAGenuineOne) {
  Pair pair(random);
  expect_constant_time([&] {
    for (const std::size_t from_end : {1U, 32U, 33U, 200U}) {
      Bytes wire = pair.send(*pair.b, "text");
      wire[wire.size() - from_end] ^= 1U;
      EXPECT_EQ(Pair::deliver(*pair.a, wire).error(), session::SessionError::bad_mac);
    }
  });
}

TEST_F(ConstantTime, P31_PaddingIsTakenOffWithoutLookingForItsEnd) {
  for (const std::size_t size : {0U, 1U, 100U, 252U}) {
    Bytes padded(session::padded_size(size));
    session::pad_into(Bytes(size, 'x'), padded);
    poison(padded);
    SCOPED_TRACE(size);
    expect_constant_time([&] { EXPECT_TRUE(session::unpad(padded)); });
  }
  Bytes dirty(256);
  dirty[200] = 1;
  poison(dirty);
  expect_constant_time([&] { EXPECT_FALSE(session::unpad(dirty)); });
  Bytes too_long(256, 0xff);
  poison(too_long);
  expect_constant_time([&] { EXPECT_FALSE(session::unpad(too_long)); });
}

TEST_F(ConstantTime, P31_ConversationsWithPostQuantumEpochsStoresAndRestarts) {
  expect_constant_time([&] {
    session::testing::TwoPartiesOf<PoisonedRandom> two(1);
    two.chat(4);
    two.alice->restart();
    two.bob->restart();
    two.chat(2);
    EXPECT_EQ(two.alice->store().inbox.size(), 6U);
    EXPECT_EQ(two.bob->store().inbox.size(), 6U);
    EXPECT_TRUE(std::ranges::any_of(two.alice->events, [](const session::Event& event) {
      return event.kind == session::Event::Kind::pq_epoch;
    }));
  });
}

TEST_F(ConstantTime, P31_SessionRecordsAreWrittenAndReadWithoutLookingAtTheKeys) {
  Pair pair(random);
  EXPECT_TRUE(Pair::deliver(*pair.a, pair.send(*pair.b, "0")));
  pair.send(*pair.a, "late");
  EXPECT_TRUE(Pair::deliver(*pair.b, pair.send(*pair.a, "1")));
  expect_constant_time([&] {
    const auto core = session::SessionRecord::encode_core(*pair.b);
    std::vector<crypto::SecretBytes> ec_runs;
    for (const auto& run : pair.b->ec().skipped().runs()) {
      ec_runs.push_back(session::SessionRecord::encode(run));
    }
    session::SessionRecords records{.core = &core};
    for (const auto& run : ec_runs) records.ec_runs.push_back(&run);
    EXPECT_TRUE(session::SessionRecord::decode(records));
    EXPECT_TRUE(session::PrekeyRing::decode(pair.bob.ring.encode()));
  });
}

TEST_F(ConstantTime, P31_PrivateIdentitiesAreStoredAndLoaded) {
  using identity::SecretCodec;
  expect_constant_time([&] {
    const auto account = identity::AccountIdentity::generate(random);
    const auto device = identity::DeviceIdentity::generate(random);
    EXPECT_TRUE(SecretCodec::decode_account(SecretCodec::encode(account)));
    EXPECT_TRUE(SecretCodec::decode_device(SecretCodec::encode(device)));
  });
}

TEST_F(ConstantTime, P31_LinkGrantsAreSealedOpenedAndRefused) {
  expect_constant_time([&] {
    const identity::testing::TestAccount alice(random);
    const auto laptop = identity::DeviceIdentity::generate(random);
    const auto asked = identity::make_link_request(laptop, "Laptop", identity::testing::kNow, random);
    const auto listed =
        alice
            .successor(random, identity::testing::kNow,
                       [&](identity::Manifest& draft) {
                         EXPECT_TRUE(identity::add_device(draft, identity::testing::listing(laptop)));
                       })
            .signed_manifest();
    auto grant =
        identity::make_link_grant(asked.octets, alice.account, alice.device,
                                  crypto::random_secret<identity::SyncKey>(random), "alice", listed, random);
    ASSERT_TRUE(grant);
    EXPECT_TRUE(identity::open_link_grant(*grant, asked.octets, laptop, asked.keys));
    grant->back() ^= 1U;
    EXPECT_EQ(identity::open_link_grant(*grant, asked.octets, laptop, asked.keys).error(),
              identity::IdentityError::cannot_open);
  });
}

TEST_F(ConstantTime, P31_LinkingByQrCodeConfirmsAndHandsOverTheAccount) {
  using namespace linking;
  using identity::testing::kNow;
  expect_constant_time([&] {
    const identity::testing::TestAccount alice(random);
    const auto laptop = identity::DeviceIdentity::generate(random);
    const LinkQr qr{alice.account.id, alice.account.key.public_key().fingerprint(),
                    alice.device.key.public_key().fingerprint(), crypto::random_secret<QrSecret>(random)};
    auto started = NewDeviceStarted::with_qr(laptop, qr, {}, kNow, random);
    ASSERT_TRUE(started);
    auto answered = TrustedOffer::with_qr(qr, {}, kNow).value().answer(started->hello(), kNow, random);
    ASSERT_TRUE(answered);
    auto replied = std::move(*started).reply(answered->reply(), kNow);
    ASSERT_TRUE(replied);
    auto confirming = std::move(*replied).confirm(alice.manifest, "Laptop", {}, kNow, random);
    ASSERT_TRUE(confirming);
    auto trusted = std::move(*answered).confirm(confirming->confirm(), kNow);
    ASSERT_TRUE(trusted);
    auto accepted = std::move(*confirming).accept(trusted->accept(), kNow);
    ASSERT_TRUE(accepted);
    const auto listed =
        alice
            .successor(random, kNow,
                       [&](identity::Manifest& draft) {
                         EXPECT_TRUE(identity::add_device(draft, identity::testing::listing(laptop)));
                       })
            .signed_manifest();
    const auto sync_key = crypto::random_secret<identity::SyncKey>(random);
    const auto sealed =
        std::move(*trusted).grant({alice.account, alice.device, sync_key, "alice", listed}, kNow, random);
    ASSERT_TRUE(sealed);
    EXPECT_TRUE(std::move(*accepted).open(*sealed, kNow));
  });
}

}  // namespace
}  // namespace sotto::testing

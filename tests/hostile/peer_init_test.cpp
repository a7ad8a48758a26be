// A contact who breaks SP/1 in the handshake: session-protocol.md 3, 4, 8 and 9, sentence by sentence
// (docs/specs/hostile-actors.md).
#include "client/contacts/manifests.h"
#include "identity/author.h"
#include "identity/wire_form.h"
#include "peer_case.h"
#include "session/incoming.h"
#include "session/limits.h"
#include "theft.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

using session::SessionError;
using Texts = std::vector<std::string>;

constexpr std::size_t kIndexAt = 5 + 48;
constexpr std::size_t kEphemeralAt = kIndexAt + 4;
constexpr std::size_t kCiphertextAt = kEphemeralAt + 33;
constexpr std::size_t kLengthAt = kCiphertextAt + crypto::MlKem1024::kCiphertextSize;
constexpr std::size_t kIdentityAt = kLengthAt + 4;

class HostilePeerInit : public PeerTest {
 protected:
  HostilePeerInit() { stage.chat(mallory, bob, 1); }
};

TEST_P(HostilePeerInit, IsRefusedAndForgotten) { run(GetParam()); }

std::function<Bytes(Peer&)> altered(std::function<void(Bytes&)> change) {
  return [change](Peer& peer) {
    Bytes wire = peer.init();
    change(wire);
    return wire;
  };
}
std::function<Bytes(Peer&)> drafted(InitDraft draft) {
  return [draft](Peer& peer) { return peer.init(draft); };
}
std::function<Bytes(Peer&)> claiming(std::function<void(v1::IdClaim&)> change) {
  return drafted({.claim = std::move(change)});
}
std::function<Bytes(Peer&)> signing(std::function<void(Bytes&)> change) {
  return drafted({.signature = std::move(change)});
}

INSTANTIATE_TEST_SUITE_P(
    Wire, HostilePeerInit,
    ::testing::Values(
        PeerCase{"UnknownSuite", altered([](Bytes& w) { w[3] = 2; }), SessionError::unsupported_version,
                 Told::nothing},
        PeerCase{"ReservedOctet", altered([](Bytes& w) { w[4] = 1; }), SessionError::unsupported_version,
                 Told::nothing},
        PeerCase{"UnknownBundle", altered([](Bytes& w) { w[5] ^= 1; }), SessionError::unknown_prekey,
                 Told::nothing, true, true},
        PeerCase{"PairOutsideTheBatch", altered([](Bytes& w) { w[kIndexAt + 3] = 200; }),
                 SessionError::unknown_prekey, Told::nothing, true},
        PeerCase{"AnotherPair", altered([](Bytes& w) { w[kIndexAt + 3] += 5; }), SessionError::bad_handshake,
                 Told::nothing},
        PeerCase{"LastResortInstead",
                 altered([](Bytes& w) { std::fill_n(w.begin() + kIndexAt, 4, std::uint8_t{0xff}); }),
                 SessionError::bad_handshake, Told::nothing},
        PeerCase{"EphemeralThatIsNoPoint", altered([](Bytes& w) { w[kEphemeralAt] = 9; }),
                 SessionError::malformed, Told::nothing},
        PeerCase{"AlteredKemCiphertext", altered([](Bytes& w) { w[kCiphertextAt + 700] ^= 1; }),
                 SessionError::bad_handshake, Told::nothing},
        PeerCase{"IdentityLengthOutsideThePaddingSet", altered([](Bytes& w) { w[kLengthAt + 3] ^= 1; }),
                 SessionError::malformed, Told::nothing},
        PeerCase{"IdentityLongerThanAnyClaim", altered([](Bytes& w) { w[kLengthAt + 2] = 0xff; }),
                 SessionError::malformed, Told::nothing},
        PeerCase{"AlteredIdentity", altered([](Bytes& w) { w[kIdentityAt + 50] ^= 1; }),
                 SessionError::bad_handshake, Told::nothing},
        PeerCase{"CutInsideTheIdentity", altered([](Bytes& w) { w.resize(kIdentityAt + 100); }),
                 SessionError::malformed, Told::nothing},
        PeerCase{"InitInsideAnInit",
                 [](Peer& peer) {
                   const Bytes wire = peer.init();
                   Bytes outer = to_bytes(session::parse_init(wire)->prefix);
                   outer.insert(outer.end(), wire.begin(), wire.end());
                   return outer;
                 },
                 SessionError::malformed, Told::nothing},
        PeerCase{"AlteredEmbeddedTag", altered([](Bytes& w) { w.back() ^= 1; }), SessionError::bad_mac}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Claim, HostilePeerInit,
    ::testing::Values(
        PeerCase{"NonzeroPadding", drafted({.identity = [](Bytes& plain) { plain.back() = 1; }}),
                 SessionError::bad_handshake, Told::nothing},
        PeerCase{"MorePaddingThanTheLengthAllows",
                 drafted({.identity =
                              [](Bytes& plain) {
                                do plain.push_back(0);
                                while (!session::is_padded_size(plain.size()));
                              }}),
                 SessionError::bad_handshake, Told::nothing},
        PeerCase{"LongerThanAllowed",
                 drafted({.claim_octets = [](Bytes& octets) { octets.resize(1025, 0); }}),
                 SessionError::bad_handshake, Told::nothing},
        PeerCase{"DoesNotParse", drafted({.claim_octets = [](Bytes& octets) { octets.assign(9, 0xff); }}),
                 SessionError::bad_claim, Told::nothing},
        PeerCase{"ShortAccount", claiming([](v1::IdClaim& c) { c.set_account("short"); }),
                 SessionError::bad_claim, Told::nothing},
        PeerCase{"ShortDevice", claiming([](v1::IdClaim& c) { c.set_device("short"); }),
                 SessionError::bad_claim, Told::nothing},
        PeerCase{"ShortKeyHash", claiming([](v1::IdClaim& c) { c.set_ek1_hash("short"); }),
                 SessionError::bad_claim, Told::nothing},
        PeerCase{"ShortManifestHash",
                 claiming([](v1::IdClaim& c) { c.mutable_own_manifest()->set_hash16("short"); }),
                 SessionError::bad_claim, Told::nothing},
        PeerCase{"ShortReplacedSession", claiming([](v1::IdClaim& c) { c.add_replaces("short"); }),
                 SessionError::bad_claim, Told::nothing},
        PeerCase{"SeventeenReplacedSessions", claiming([](v1::IdClaim& c) {
                   for (int i = 0; i < 17; ++i) c.add_replaces(std::string(16, 'r'));
                 }),
                 SessionError::bad_claim, Told::nothing}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Signature, HostilePeerInit,
    ::testing::Values(
        PeerCase{"EcdsaHalfMissing", signing([](Bytes& s) {
                   std::fill_n(s.begin(), crypto::kEcdsaSignatureSize, std::uint8_t{0});
                 }),
                 SessionError::bad_signature},
        PeerCase{"EcdsaHalfHighS", signing([](Bytes& s) { make_high_s(s); }), SessionError::bad_signature},
        PeerCase{"MlDsaHalfMissing", signing([](Bytes& s) {
                   std::fill(s.begin() + crypto::kEcdsaSignatureSize, s.end(), std::uint8_t{0});
                 }),
                 SessionError::bad_signature},
        PeerCase{"MlDsaHalfAltered", signing([](Bytes& s) { s[1000] ^= 1; }), SessionError::bad_signature},
        PeerCase{"OfAnotherKey",
                 [](Peer& peer) {
                   const auto other = crypto::HybridPrivateKey::generate(peer.random());
                   return peer.init({.key = &other});
                 },
                 SessionError::bad_signature}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Message, HostilePeerInit,
    ::testing::Values(
        PeerCase{"NamesAnotherSession",
                 drafted({.header =
                              [](session::Header& h) {
                                Bytes id = to_bytes(h.session.view());
                                id[0] ^= 1;
                                h.session = *session::SessionId::from(id);
                              }}),
                 SessionError::bad_handshake},
        PeerCase{"EpochBeforeAnyStep", drafted({.header = [](session::Header& h) { h.pq_epoch = 1; }}),
                 SessionError::unknown_epoch, Told::undecryptable, true},
        PeerCase{"CounterJump",
                 drafted({.header = [](session::Header& h) { h.n = session::kMaxForwardJump + 1; }}),
                 SessionError::limit_exceeded, Told::undecryptable, true},
        PeerCase{"ContentWithoutProof", drafted({.inner = [](v1::Inner& i) { i.set_content("x"); }}),
                 SessionError::bad_payload}),
    name_of);

TEST_F(HostilePeerInit, ThatUsesAOneTimePairTwiceIsRefusedTheSecondTime) {
  const auto bundle = peer.bundle();
  stage.deliver(bob, peer.init({.bundle = &bundle}));
  EXPECT_EQ(bob.take_problems(), Texts{});
  const Bytes again = peer.init({.bundle = &bundle});
  EXPECT_EQ(peer.verdict(again), SessionError::unknown_prekey);
  const Bytes prekeys = bob.prekey_digest();
  stage.deliver(bob, again);
  EXPECT_EQ(bob.prekey_digest(), prekeys);
}

TEST_F(HostilePeerInit, ThatAltersTheInitOfARunningSessionIsRefused) {
  const auto bundle = peer.bundle();
  const Bytes init = peer.init({.bundle = &bundle});
  stage.deliver(bob, init);
  Bytes other = init;
  other[kIdentityAt + 50] ^= 1;
  EXPECT_EQ(peer.verdict(other), SessionError::init_mismatch);
  const Bytes sessions = bob.session_digest();
  stage.deliver(bob, other);
  EXPECT_EQ(bob.session_digest(), sessions);
  EXPECT_EQ(bob.take_problems(),
            Texts{"UNDECRYPTABLE " + std::string(session::describe(SessionError::init_mismatch))});
}

TEST_F(HostilePeerInit, ThatStartsSessionsWithoutEndIsLimitedToTenAnHour) {
  std::size_t accepted = 0;
  std::optional<SessionError> last;
  for (int i = 0; i < 14; ++i) {
    const Bytes init = peer.init();
    last = peer.verdict(init);
    accepted += last ? 0U : 1U;
    stage.deliver(bob, init);
  }
  // One was the honest program's, which begins another where the victim drops its session to make room.
  EXPECT_LE(accepted, session::kMaxNewSessionsPerHour - 1);
  EXPECT_GE(accepted, session::kMaxNewSessionsPerHour - 2);
  EXPECT_EQ(last, SessionError::rate_limited);
  EXPECT_TRUE(bob.told(v1::Problem::UNDECRYPTABLE, session::describe(SessionError::rate_limited)));
  stage.pass(hours(2));
  expect_they_talk_on();
}

TEST_F(HostilePeerInit, ThatClaimsToBeAThirdPersonIsRefused) {
  Person& carol = stage.join("carol");
  stage.chat(carol, bob, 1);
  const Bytes records = bob.record_digest();
  const Bytes init = peer.init({.claim = [&](v1::IdClaim& claim) {
    claim.set_account(wire::field(carol.address().account.view()));
    claim.set_device(wire::field(carol.address().device.view()));
  }});
  stage.deliver(bob, init);
  EXPECT_EQ(bob.take_problems(),
            Texts{"UNDECRYPTABLE " + std::string(session::describe(SessionError::bad_signature))});
  EXPECT_EQ(bob.record_digest(), records);
  stage.chat(carol, bob, 1);
  expect_they_talk_on();
}

TEST_F(HostilePeerInit, ThatClaimsADeviceOrAnAccountThatIsNotThereIsDroppedAfterTheDirectoryWasAsked) {
  const Texts before = bob.texts("mallory");
  for (const bool account : {false, true}) {
    stage.deliver(bob, peer.init({.claim = [&](v1::IdClaim& claim) {
      (account ? *claim.mutable_account() : *claim.mutable_device()) = std::string(16, 'g');
    }}));
    EXPECT_EQ(bob.texts("mallory"), before);
    EXPECT_FALSE(bob.database().query("SELECT 1 FROM held_envelope").next());
    stage.pass(minutes(5));
  }
  expect_they_talk_on();
}

TEST_F(HostilePeerInit, ThatClaimsAManifestOfTheFutureStopsNobodyFromWritingToIt) {
  stage.deliver(bob, peer.init({.claim = [](v1::IdClaim& claim) {
    claim.mutable_own_manifest()->set_version(~std::uint64_t{0});
  }}));
  expect_they_talk_on();
}

TEST_F(HostilePeerInit, ThatReplacesSessionsOfOthersEndsNone) {
  Person& carol = stage.join("carol");
  stage.chat(carol, bob, 1);
  const auto theirs = steal_session(bob.database(), carol.address()).id();
  stage.deliver(
      bob, peer.init({.claim = [&](v1::IdClaim& claim) { claim.add_replaces(wire::field(theirs.view())); }}));
  EXPECT_FALSE(steal_session(bob.database(), carol.address()).dead());
  stage.chat(carol, bob, 1);
  EXPECT_EQ(steal_session(bob.database(), carol.address()).id(), theirs);
}

TEST_F(HostilePeerInit, ThatWritesFromARemovedDeviceIsNotHeard) {
  Person& tablet = stage.link(mallory, "tablet");
  stage.write(tablet, "bob", "while listed");
  stage.settle();
  ASSERT_EQ(bob.texts("mallory").back(), "while listed");
  const auto own = client::load_manifest(mallory.database(), mallory.address().account).value();
  auto draft = identity::draft_successor(own, mallory.self().device.id, stage.now);
  ASSERT_TRUE(identity::remove_device(draft, tablet.self().device.id));
  v1::ClientFrame publish;
  identity::to_wire(
      identity::sign_manifest(draft, *mallory.self().account, mallory.self().device, stage.random()),
      *publish.mutable_publish_manifest()->mutable_manifest());
  ASSERT_TRUE(stage.ask(mallory, publish).has_manifest_published());
  stage.settle();
  EXPECT_TRUE(tablet.told(v1::Problem::DEVICE_REVOKED));
  expect_they_talk_on();  // Bob learns of the new list
  // The removed device has keys, sessions and prekeys of before, and a relay that takes its envelopes.
  Peer removed(stage, tablet, bob);
  auto session = removed.session();
  v1::Inner inner = removed.signed_by(removed.next_content("after removal"));
  inner.set_ratchet_auth(wire::field(removed.ratchet_auth(session)));
  stage.deliver(bob, removed.seal(session, inner));
  stage.pass(minutes(5));
  const auto texts = bob.texts("mallory");
  EXPECT_EQ(std::ranges::count(texts, "after removal"), 0);
  stage.write(bob, "mallory", "not for the tablet");
  stage.settle();
  EXPECT_EQ(std::ranges::count(tablet.texts("bob"), "not for the tablet"), 0);
  EXPECT_EQ(bob.state_of("mallory", "not for the tablet"), v1::Message::DELIVERED);
}

}  // namespace
}  // namespace sotto::hostile

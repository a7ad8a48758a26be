// A contact who breaks SP/1 in messages of a running session: session-protocol.md 2, 6, 7 and 8, sentence by
// sentence (docs/specs/hostile-actors.md).
#include "bytes/encoder.h"
#include "peer_case.h"
#include "session/limits.h"
#include "sotto/v1/content.pb.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

using session::kHeaderSize;
using session::SessionError;

class HostilePeerMessage : public PeerTest {
 protected:
  HostilePeerMessage() {
    stage.chat(mallory, bob, 2);
    // Bob has Mallory's chain open and she has not heard his answer: what she seals next goes on in it.
    stage.withhold(mallory, [&] {
      stage.write(mallory, "bob", "one more");
      stage.settle();
    });
  }
};

TEST_P(HostilePeerMessage, IsRefusedAndForgotten) { run(GetParam()); }

/// A message of the running chain whose octets are altered after it was sealed.
std::function<Bytes(Peer&)> altered(std::function<void(Bytes&)> change) {
  return [change](Peer& peer) {
    auto session = peer.session();
    Bytes wire = peer.seal(session, v1::Inner());
    change(wire);
    return wire;
  };
}
/// One whose header is altered before it is sealed: the MAC holds.
std::function<Bytes(Peer&)> with_header(std::function<void(session::Header&)> change) {
  return [change](Peer& peer) {
    auto session = peer.session();
    return peer.seal(session, v1::Inner(), change);
  };
}
std::function<Bytes(Peer&)> with_padded(std::function<Bytes()> make) {
  return [make](Peer& peer) {
    auto session = peer.session();
    return peer.seal(session, make());
  };
}
std::function<Bytes(Peer&)> with_inner(std::function<void(Peer&, v1::Inner&)> change) {
  return [change](Peer& peer) {
    v1::Inner inner = peer.signed_by(peer.next_content("never shown"));
    change(peer, inner);
    return peer.message(inner);
  };
}
std::function<Bytes(Peer&)> with_facts(std::function<void(Peer&, Peer::Facts&)> change) {
  return [change](Peer& peer) {
    auto facts = peer.next_content("never shown");
    change(peer, facts);
    return peer.message(peer.signed_by(facts));
  };
}
/// The first message of a new chain, whose RatchetAuth is altered.
std::function<Bytes(Peer&)> with_auth(std::function<void(Peer&, Bytes&)> change) {
  return [change](Peer& peer) {
    peer.stage().write(peer.victim(), peer.self().self().handle, "your turn");
    const auto kept = peer.stage().withhold(peer.victim(), [&] { peer.stage().settle(); });
    EXPECT_FALSE(kept.empty());  // the receipt, which would open the chain
    auto session = peer.session();
    Bytes auth = peer.ratchet_auth(session);
    change(peer, auth);
    v1::Inner inner;
    inner.set_ratchet_auth(wire::field(auth));
    return peer.seal(session, inner);
  };
}

Bytes zeros_after(std::uint32_t length, std::size_t size) {
  Encoder out(size);
  out.u32(length);
  Bytes octets = std::move(out).take();
  octets.resize(size, 0);
  return octets;
}

INSTANTIATE_TEST_SUITE_P(
    Wire, HostilePeerMessage,
    ::testing::Values(
        PeerCase{"UnknownVersion", altered([](Bytes& w) { w[0] = 2; }), SessionError::unsupported_version,
                 Told::nothing},
        PeerCase{"UnknownType", altered([](Bytes& w) { w[1] = 3; }), SessionError::malformed, Told::nothing},
        PeerCase{"UnknownFlag", altered([](Bytes& w) { w[kHeaderSize - 1] |= 0x80; }),
                 SessionError::unsupported_version, Told::nothing},
        PeerCase{"Empty", [](Peer&) { return Bytes(); }, SessionError::malformed, Told::nothing},
        PeerCase{"HeaderAlone", altered([](Bytes& w) { w.resize(kHeaderSize); }), SessionError::malformed,
                 Told::nothing},
        PeerCase{"SizeOutsideThePaddingSet", altered([](Bytes& w) { w.insert(w.end(), 1, 0); }),
                 SessionError::malformed, Told::nothing},
        PeerCase{"LargerThanAnEnvelope", altered([](Bytes& w) { w.resize(session::kMaxEnvelope + 1); }),
                 SessionError::too_large, Told::nothing},
        PeerCase{"UnknownSession", altered([](Bytes& w) { w[2] ^= 1; }), SessionError::unknown_session,
                 Told::undecryptable, true},
        PeerCase{"AlteredTag", altered([](Bytes& w) { w.back() ^= 1; }), SessionError::bad_mac},
        PeerCase{"AlteredCiphertext", altered([](Bytes& w) { w[kHeaderSize + 9] ^= 1; }),
                 SessionError::bad_mac},
        PeerCase{"AlteredSalt", altered([](Bytes& w) { w[20] ^= 1; }), SessionError::bad_mac},
        PeerCase{"RatchetKeyThatIsNoPoint", with_header([](session::Header& h) { h.ratchet_key.fill(0xff); }),
                 SessionError::malformed},
        PeerCase{"RatchetKeyAtInfinity", with_header([](session::Header& h) { h.ratchet_key.fill(0); }),
                 SessionError::malformed},
        PeerCase{"RatchetKeyUncompressed", with_header([](session::Header& h) { h.ratchet_key[0] = 4; }),
                 SessionError::malformed},
        PeerCase{"ChainCounterJump",
                 with_header([](session::Header& h) { h.n += session::kMaxForwardJump + 1; }),
                 SessionError::limit_exceeded, Told::undecryptable, true},
        PeerCase{"ChainCounterAtTheEnd", with_header([](session::Header& h) { h.n = session::kMaxCounter; }),
                 SessionError::limit_exceeded, Told::undecryptable, true},
        PeerCase{"PqCounterJump",
                 with_header([](session::Header& h) { h.pq_n += session::kMaxForwardJump + 1; }),
                 SessionError::limit_exceeded, Told::undecryptable, true},
        PeerCase{"PqCounterAtTheEnd", with_header([](session::Header& h) { h.pq_n = 0xffffffff; }),
                 SessionError::limit_exceeded, Told::undecryptable, true},
        PeerCase{"PqEpochNobodyHolds", with_header([](session::Header& h) { h.pq_epoch += 7; }),
                 SessionError::unknown_epoch, Told::undecryptable, true},
        PeerCase{"UsedIndex",
                 [](Peer& peer) {
                   auto session = peer.session();
                   return peer.seal(session, v1::Inner(), [](session::Header& h) { h.n = 0; });
                 },
                 SessionError::stale_index, Told::undecryptable, true}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Ratchet, HostilePeerMessage,
    ::testing::Values(
        PeerCase{"NewKeyWithoutSignature", with_auth([](Peer&, Bytes& auth) { auth.clear(); }),
                 SessionError::bad_ratchet_auth},
        PeerCase{"NewKeyWithAShortSignature", with_auth([](Peer&, Bytes& auth) { auth.pop_back(); }),
                 SessionError::bad_ratchet_auth},
        PeerCase{"NewKeySignedByAnotherDevice", with_auth([](Peer& peer, Bytes& auth) {
                   const auto other = crypto::HybridPrivateKey::generate(peer.random());
                   auth = to_bytes(other.ecdsa_key().sign(as_bytes("whatever")));
                 }),
                 SessionError::bad_ratchet_auth},
        PeerCase{"NewKeyWithAHighSSignature", with_auth([](Peer&, Bytes& auth) { make_high_s(auth); }),
                 SessionError::bad_ratchet_auth},
        PeerCase{"PreviousCounterJump",
                 [](Peer& peer) {
                   peer.stage().write(peer.victim(), "mallory", "your turn");
                   peer.stage().withhold(peer.victim(), [&] { peer.stage().settle(); });
                   auto session = peer.session();
                   const auto auth = peer.ratchet_auth(session);
                   return peer.seal(session, v1::Inner(),
                                    [](session::Header& h) { h.pn += 2 * session::kMaxForwardJump; });
                 },
                 SessionError::limit_exceeded, Told::undecryptable, true}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Payload, HostilePeerMessage,
    ::testing::Values(
        PeerCase{"NonzeroPadding", with_padded([] {
                   Bytes padded = zeros_after(0, 256);
                   padded.back() = 1;
                   return padded;
                 }),
                 SessionError::bad_padding},
        PeerCase{"LengthBeyondTheEnd", with_padded([] { return zeros_after(0xffffffff, 256); }),
                 SessionError::bad_padding},
        PeerCase{"MorePaddingThanTheLengthAllows", with_padded([] { return zeros_after(0, 320); }),
                 SessionError::bad_padding},
        PeerCase{"PayloadThatDoesNotParse", with_padded([] {
                   Bytes padded = zeros_after(4, 256);
                   std::fill_n(padded.begin() + 4, 4, std::uint8_t{0xff});
                   return padded;
                 }),
                 SessionError::bad_payload},
        PeerCase{"ContentWithoutProof", with_inner([](Peer&, v1::Inner& i) { i.clear_proof(); }),
                 SessionError::bad_payload},
        PeerCase{"ProofWithoutContent", with_inner([](Peer&, v1::Inner& i) { i.clear_content(); }),
                 SessionError::bad_payload},
        PeerCase{"ShortContentSignature",
                 with_inner([](Peer&, v1::Inner& i) { i.mutable_proof()->mutable_signature()->pop_back(); }),
                 SessionError::bad_payload},
        PeerCase{"ShortMessageId",
                 with_inner([](Peer&, v1::Inner& i) { i.mutable_proof()->mutable_msg_id()->pop_back(); }),
                 SessionError::bad_payload},
        PeerCase{"SequenceNumberZero",
                 with_inner([](Peer&, v1::Inner& i) { i.mutable_proof()->set_sender_seq(0); }),
                 SessionError::bad_payload},
        PeerCase{"NoConversation",
                 with_inner([](Peer&, v1::Inner& i) { i.mutable_proof()->clear_conversation(); }),
                 SessionError::bad_payload},
        PeerCase{"ShortAccountInTheProof",
                 with_inner([](Peer&, v1::Inner& i) { i.mutable_proof()->set_dm_account("short"); }),
                 SessionError::bad_payload},
        PeerCase{"ShortGroupInTheProof",
                 with_inner([](Peer&, v1::Inner& i) { i.mutable_proof()->set_group_id("short"); }),
                 SessionError::bad_payload},
        PeerCase{"GossipWithAShortHash", with_inner([](Peer&, v1::Inner& i) {
                   i.mutable_gossip()->mutable_own_manifest()->set_hash16("short");
                 }),
                 SessionError::bad_payload},
        PeerCase{"ErrorOfUnknownKind", with_inner([](Peer&, v1::Inner& i) {
                   i.mutable_error()->set_session_id(std::string(16, 's'));
                   i.mutable_error()->set_wire_hash16(std::string(16, 'w'));
                 }),
                 SessionError::bad_payload},
        PeerCase{"ErrorWithAShortHash", with_inner([](Peer&, v1::Inner& i) {
                   i.mutable_error()->set_code(v1::SessionError::STALE_INDEX);
                   i.mutable_error()->set_session_id(std::string(16, 's'));
                   i.mutable_error()->set_wire_hash16("short");
                 }),
                 SessionError::bad_payload}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Content, HostilePeerMessage,
    ::testing::Values(
        PeerCase{"AlteredContent",
                 with_inner([](Peer&, v1::Inner& i) { i.mutable_content()->push_back('\0'); }),
                 SessionError::bad_content_signature, Told::content},
        PeerCase{"HighSContentSignature", with_inner([](Peer&, v1::Inner& i) {
                   make_high_s(*i.mutable_proof()->mutable_signature());
                 }),
                 SessionError::bad_content_signature, Told::content},
        PeerCase{"AlteredTime", with_inner([](Peer&, v1::Inner& i) { i.mutable_proof()->set_sent_ms(1); }),
                 SessionError::bad_content_signature, Told::content},
        PeerCase{"AlteredSequenceNumber", with_inner([](Peer&, v1::Inner& i) {
                   i.mutable_proof()->set_sender_seq(i.proof().sender_seq() + 1);
                 }),
                 SessionError::bad_content_signature, Told::content},
        PeerCase{"ContentSignedByAnotherKey",
                 [](Peer& peer) {
                   const auto other = crypto::HybridPrivateKey::generate(peer.random());
                   return peer.message(peer.signed_by(peer.next_content("never shown"), &other));
                 },
                 SessionError::bad_content_signature, Told::content},
        PeerCase{"WordsOfAThirdPerson",
                 [](Peer& peer) {
                   // Carol's genuine message to Bob, passed on as Mallory's.
                   Person& carol = peer.stage().join("carol");
                   Peer author(peer.stage(), carol, peer.victim());
                   return peer.message(author.signed_by(author.next_content("never shown")));
                 },
                 SessionError::bad_content_signature, Told::content},
        PeerCase{"WordsToAThirdPerson", with_facts([](Peer& peer, Peer::Facts& facts) {
                   const auto third = identity::AccountId(peer.random().array<16>());
                   facts.facts.conversation = third;
                   facts.conversation = session::direct_conversation(peer.self().address().account, third);
                 }),
                 SessionError::wrong_conversation, Told::content},
        PeerCase{"WordsInTheirOwnConversation", with_facts([](Peer& peer, Peer::Facts& facts) {
                   const auto own = peer.self().address().account;
                   facts.facts.conversation = own;
                   facts.conversation = session::direct_conversation(own, own);
                 }),
                 SessionError::wrong_conversation, Told::content},
        PeerCase{"ContentThatDoesNotParse",
                 with_facts([](Peer&, Peer::Facts& facts) { facts.content = Bytes(5, 0xff); }), std::nullopt,
                 Told::content},
        PeerCase{"TextThatIsNotUtf8", with_facts([](Peer&, Peer::Facts& facts) {
                   facts.content = {0x12, 0x04, 0x0a, 0x02, 0xff, 0xfe};
                 }),
                 std::nullopt, Told::content}),
    name_of);

// What is authentic and still not taken as its sender would like.

class HostilePeerContent : public PeerTest {
 protected:
  HostilePeerContent() { stage.chat(mallory, bob, 1); }

  /// Signed and numbered by Mallory, with any content.
  v1::Inner content(const std::function<void(v1::Content&)>& change) {
    auto facts = peer.next_content("");
    v1::Content content;
    EXPECT_TRUE(wire::decode(facts.content, facts.content.size(), content));
    change(content);
    facts.content = wire::encode(content);
    return peer.signed_by(facts);
  }
};

/// Its history may be on its way: the sender is asked for it, and what it said waits.
TEST_F(HostilePeerContent, InAGroupThatNobodyKnowsIsHeldAndNeverShown) {
  auto facts = peer.next_content("never shown");
  const session::GroupId group = peer.random().array<32>();
  facts.facts.conversation = group;
  facts.conversation = session::group_conversation(group, {});
  const auto texts = bob.texts("mallory");
  stage.deliver(bob, peer.message(peer.signed_by(facts)));
  EXPECT_EQ(bob.take_problems(), std::vector<std::string>{});
  EXPECT_EQ(bob.texts("mallory"), texts);
  auto held = bob.database().query("SELECT count(*) FROM group_held");
  ASSERT_TRUE(held.next());
  EXPECT_EQ(held.integer(0), 1);
  expect_they_talk_on();
}

TEST_F(HostilePeerContent, ThatRepeatsASequenceNumberIsShownOnce) {
  auto facts = peer.next_content("first words");
  stage.deliver(bob, peer.message(peer.signed_by(facts)));
  auto other = facts;
  other.facts.message_id = peer.random().array<16>();
  v1::Content content;
  content.mutable_text()->set_body("other words under the same number");
  other.content = wire::encode(content);
  stage.deliver(bob, peer.message(peer.signed_by(other)));
  EXPECT_EQ(bob.texts("mallory").back(), "first words");
}

TEST_F(HostilePeerContent, ThatSkipsANumberIsReportedMissing) {
  auto facts = peer.next_content("later words");
  facts.facts.sender_seq += 3;
  stage.deliver(bob, peer.message(peer.signed_by(facts)));
  EXPECT_EQ(bob.texts("mallory").back(), "later words");
  EXPECT_EQ(bob.take_problems(),
            std::vector<std::string>{"MESSAGES_MISSING a message before this one has not arrived"});
}

TEST_F(HostilePeerContent, ThatBreaksTheChainOfHashesIsReported) {
  const auto inner = content([](v1::Content& each) {
    each.mutable_text()->set_body("words");
    each.set_previous_hash16(std::string(16, 'x'));
  });
  stage.deliver(bob, peer.message(inner));
  EXPECT_EQ(bob.take_problems(),
            std::vector<std::string>{
                "CONTENT_REFUSED the sender's previous message was another than the one here"});
}

TEST_F(HostilePeerContent, ThatIsDatedInTheFutureStandsAtTheTimeOfItsArrival) {
  auto facts = peer.next_content("from the future");
  facts.facts.sent = stage.now + days(3650);
  stage.deliver(bob, peer.message(peer.signed_by(facts)));
  stage.pass(seconds(1));
  stage.write(bob, "mallory", "after it");
  EXPECT_EQ(bob.texts("mallory").back(), "after it");
}

TEST_F(HostilePeerContent, ThatIsLongerThanTextMayBeIsNotShown) {
  const auto before = bob.texts("mallory");
  stage.deliver(bob, peer.message(content([](v1::Content& each) {
    each.mutable_text()->set_body(std::string(16 * 1024 + 1, 'x'));
  })));
  EXPECT_EQ(bob.texts("mallory"), before);
}

TEST_F(HostilePeerContent, ThatClaimsAnotherPersonsNameIsNotShownUnderIt) {
  stage.join("carol");
  Person& eve = stage.join("eve");
  Peer liar(stage, eve, bob);
  auto facts = liar.next_content("");
  v1::Content content;
  content.mutable_text()->set_body("I am carol");
  content.set_sender_handle("carol");
  facts.content = wire::encode(content);
  const auto inner = liar.signed_by(facts);
  stage.deliver(bob, liar.init({.inner = [&](v1::Inner& out) { out = inner; }}));
  EXPECT_TRUE(bob.texts("carol").empty());
  EXPECT_FALSE(bob.texts("eve").empty() && bob.texts(to_hex(eve.address().account.view())).empty() &&
               bob.events.empty());
}

TEST_F(HostilePeerContent, ThatReceiptsOtherWordsIsReportedAndDeliversNothing) {
  const auto receipts = stage.withhold(bob, [&] {
    stage.write(bob, "mallory", "my words");
    stage.settle();
  });
  EXPECT_EQ(receipts.size(), 1U);
  const auto id = *from_hex(bob.message("mallory", "my words")->message_id());
  stage.deliver(bob, peer.message(content([&](v1::Content& each) {
    auto* received = each.mutable_receipt()->add_received();
    received->set_msg_id(wire::field(id));
    received->set_content_hash16(std::string(16, 'x'));
  })));
  EXPECT_EQ(bob.take_problems(),
            (std::vector<std::string>{
                "MESSAGES_MISSING a message before this one has not arrived",  // the genuine receipt
                "CONTENT_REFUSED a device of the recipient says it got another text than this one"}));
  EXPECT_EQ(bob.state_of("mallory", "my words"), v1::Message::SENT);
}

TEST_F(HostilePeerContent, ThatReceiptsWhatWentToSomebodyElseDeliversNothing) {
  Person& carol = stage.join("carol");
  stage.disconnect(carol);
  stage.write(bob, "carol", "to carol");
  stage.settle();
  const auto message = bob.message("carol", "to carol");
  v1::Content original;
  stage.deliver(bob, peer.message(content([&](v1::Content& each) {
    auto* received = each.mutable_receipt()->add_received();
    received->set_msg_id(wire::field(*from_hex(message->message_id())));
    received->set_content_hash16(std::string(16, 'x'));
  })));
  EXPECT_EQ(bob.take_problems(), std::vector<std::string>{});
  EXPECT_NE(bob.state_of("carol", "to carol"), v1::Message::DELIVERED);
}

TEST_F(HostilePeerContent, ThatPretendsToBeAnOwnDeviceNamesNobody) {
  const auto stranger = identity::AccountId(peer.random().array<16>());
  stage.deliver(bob, peer.message(content([&](v1::Content& each) {
    auto* name = each.mutable_sync()->mutable_contact_name();
    name->set_account(wire::field(stranger.view()));
    name->set_handle("carol");
  })));
  EXPECT_EQ(bob.database().query("SELECT 1 FROM contact WHERE handle = 'carol'").next(), false);
}

}  // namespace
}  // namespace sotto::hostile

#include "peer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bytes/encoder.h"
#include "bytes/hex.h"
#include "client/contacts/manifests.h"
#include "crypto/cipher.h"
#include "session/handshake.h"
#include "session/incoming.h"
#include "session/peer_record.h"
#include "session/sequence_set.h"
#include "session/wire_form.h"
#include "sotto/v1/content.pb.h"
#include "theft.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

using session::Session;

Bytes padded(ByteView payload) {
  Bytes out(session::padded_size(payload.size()));
  session::pad_into(payload, out);
  return out;
}

/// n - s, big-endian, in place: the order of P-256 (FIPS 186-5).
void negate(MutableByteView s) {
  const Bytes order = *from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int difference = order[i] - s[i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    s[i] = static_cast<std::uint8_t>(difference + 256 * borrow);
  }
}

}  // namespace

void make_high_s(Bytes& signature) { negate(MutableByteView(signature).subspan(32, 32)); }

void make_high_s(std::string& signature) {
  Bytes octets = to_bytes(as_bytes(signature));
  make_high_s(octets);
  signature = wire::field(octets);
}

Session Peer::session() { return steal_session(self_.database(), victim_.address()); }

void Peer::keep(const Session& session) {
  self_.database().run("UPDATE peer_record SET value = ?4 WHERE account = ?1 AND device = ?2 AND key = ?3",
                       victim_.address().account, victim_.address().device,
                       session::PeerRecord::session_key('s', session.id()),
                       session::SessionRecord::encode_core(session));
}

Bytes Peer::seal(Session& session, ByteView plain, const std::function<void(session::Header&)>& change) {
  session::Header header{.session = session.id(), .salt = random().array<16>()};
  const auto ec = session.ec().take_sending_key(header);
  const auto pq = session.pq().take_sending_key(header);
  const auto keys = session::message_keys(
      ec, pq, session.id(), {session.binding().mine, header.n, header.pq_epoch, header.pq_n, header.salt});
  if (change) change(header);
  Bytes body = to_bytes(plain);
  crypto::aes256_ctr(keys.enc, keys.iv, body);
  const auto head = session::encode(header);
  const auto tag = session::message_tag(keys.mac, head, body);
  Bytes wire = session.prefix();
  for (const ByteView part : {ByteView(head), ByteView(body), ByteView(tag)}) {
    wire.insert(wire.end(), part.begin(), part.end());
  }
  return wire;
}

Bytes Peer::seal(Session& session, const v1::Inner& inner,
                 const std::function<void(session::Header&)>& change) {
  return seal(session, padded(wire::encode(inner)), change);
}

Bytes Peer::message(const v1::Inner& inner) {
  Session session = this->session();
  v1::Inner whole = inner;
  whole.set_ratchet_auth(wire::field(ratchet_auth(session)));
  const Bytes wire = seal(session, whole);
  if (!verdict(wire)) keep(session);
  return wire;
}

Bytes Peer::ratchet_auth(Session& session) {
  EXPECT_TRUE(session.step_if_due(random()));
  const auto* auth = session.ratchet_auth(self_.self().local());
  return auth == nullptr ? Bytes() : to_bytes(*auth);
}

Peer::Facts Peer::next_content(const std::string& body) {
  const auto& victim = victim_.address().account;
  Facts out;
  out.conversation = session::direct_conversation(self_.address().account, victim);
  v1::Content content;
  content.mutable_text()->set_body(body);
  std::uint64_t last = 0;
  {
    auto rows = self_.database().query(
        "SELECT last, last_content_hash FROM own_sequence WHERE conversation_id = ?1", out.conversation);
    if (rows.next()) {
      last = rows.count(0);
      content.set_previous_hash16(wire::field(rows.octets(1)));
    }
  }
  out.content = wire::encode(content);
  out.facts = {.conversation = victim,
               .message_id = random().array<16>(),
               .sender_seq = last == 0 ? stage_.now.value / 1000 << 32 : last + 1,
               .sent = stage_.now};
  return out;
}

v1::Inner Peer::signed_by(const Facts& facts, const crypto::HybridPrivateKey* key) {
  const auto& self = self_.self();
  const session::LocalDevice local{self.account_id(), self.device.id,
                                   self.account->key.public_key().fingerprint(),
                                   key == nullptr ? self.device.key : *key};
  const auto content = session::sign_content(local, facts.conversation, facts.facts, facts.content);
  v1::Inner inner;
  inner.set_content(wire::field(facts.content));
  session::to_wire(content, *inner.mutable_proof());
  return inner;
}

v1::Inner Peer::text(const std::string& body) {
  const Facts facts = next_content(body);
  const auto hash = crypto::sha384(facts.content);
  self_.database().run("UPDATE own_sequence SET last = ?2, last_content_hash = ?3 WHERE conversation_id = ?1",
                       facts.conversation, facts.facts.sender_seq, to_bytes(ByteView(hash).first(16)));
  return signed_by(facts);
}

session::VerifiedBundle Peer::bundle() {
  v1::ClientFrame frame;
  frame.mutable_fetch_bundles()->set_account(wire::field(victim_.address().account.view()));
  frame.mutable_fetch_bundles()->add_devices(wire::field(victim_.address().device.view()));
  const auto served = stage_.ask(self_, frame).bundles().bundles(0);
  const auto& self = victim_.self();
  const session::PeerDevice owner{self.account_id(), self.device.id,
                                  self.account->key.public_key().fingerprint(), self.device.key.public_key()};
  const auto batch =
      session::verify_batch(wire::octets(served.batch()), wire::octets(served.signature()),
                            wire::octets(served.last_resort_kem()), owner, std::nullopt, stage_.now);
  EXPECT_TRUE(batch);
  if (!served.has_one_time()) return *batch->last_resort(stage_.now);
  session::OneTimePart part{.index = served.one_time().index(),
                            .ec = wire::octets(served.one_time().ec()),
                            .kem = wire::octets(served.one_time().kem()),
                            .path = {}};
  for (const auto& node : served.one_time().path()) part.path.push_back(wire::octets(node));
  return *batch->with_one_time(part, stage_.now);
}

Bytes Peer::init(const InitDraft& draft) {
  const auto owner = draft.bundle == nullptr ? bundle() : *draft.bundle;
  const auto& self = self_.self();
  const session::LocalDevice local{self.account_id(), self.device.id,
                                   self.account->key.public_key().fingerprint(),
                                   draft.key == nullptr ? self.device.key : *draft.key};
  auto ephemeral = crypto::P256PrivateKey::generate(random());
  const auto kem = owner.kem.encapsulate(random()).value();
  const auto dh1 = ephemeral.ecdh(owner.signed_prekey).value();
  session::HandshakePrefix prefix{.responder = session::encode(owner.owner),
                                  .signed_prekey = owner.signed_prekey.encoded(),
                                  .one_time_prekey = std::nullopt,
                                  .kem_key_hash = crypto::sha384(owner.kem.encoded()),
                                  .initiator_key = ephemeral.public_key().encoded(),
                                  .ciphertext_hash = crypto::sha384(kem.ciphertext),
                                  .bundle = owner.hash};
  if (owner.one_time) prefix.one_time_prekey = owner.one_time->ec.encoded();
  const auto prk0 = owner.one_time ? [&] {
    const auto dh2 = ephemeral.ecdh(owner.one_time->ec).value();
    return session::handshake_secret(kem.secret, dh1, &dh2);
  }()
                                   : session::handshake_secret(kem.secret, dh1, nullptr);
  const auto th_pre = session::transcript_prefix(prefix);
  const auto th0 = session::transcript(th_pre, session::encode(local.identity()));
  auto keys = session::handshake_keys(prk0, th0);
  session::PqSteps steps(stage_.now, std::nullopt);
  const auto ek1 = steps.propose_first(crypto::MlKem768DecapsulationKey::generate(random()));
  steps.sign_first({keys.session, th0, session::Direction::a_to_b}, local, random());

  v1::IdClaim claim;
  const auto gossip = client::manifest_gossip(self_.database(), local.account, victim_.address().account);
  EXPECT_TRUE(claim.ParseFromString(
      wire::field(session::encode(session::IdClaim{local.account, local.device, gossip, ek1, {}}))));
  if (draft.claim) draft.claim(claim);
  Bytes claim_octets = wire::encode(claim);
  if (draft.claim_octets) draft.claim_octets(claim_octets);
  Bytes signature =
      to_bytes(local.key.sign(session::handshake_signature_message(th0, claim_octets), random()));
  if (draft.signature) draft.signature(signature);

  Encoder encoder(8192);
  encoder.var(claim_octets).raw(signature);
  Bytes plain = std::move(encoder).take();
  plain.resize(session::padded_size(plain.size() - 4), 0);
  if (draft.identity) draft.identity(plain);
  Bytes octets =
      session::encode_init_start(owner.hash, owner.one_time ? owner.one_time->index : session::kNoOneTime,
                                 prefix.initiator_key, kem.ciphertext, plain.size());
  const auto sealing = session::identity_sealing_keys(session::identity_key(prk0, th_pre));
  crypto::aes256_ctr(sealing.enc, sealing.iv, plain);
  const auto tag = session::message_tag(sealing.mac, octets, plain);
  octets.insert(octets.end(), plain.begin(), plain.end());
  octets.insert(octets.end(), tag.begin(), tag.end());

  auto session = Session::initiator(
      {std::move(keys), th0, crypto::sha384(octets), stage_.now, !owner.one_time.has_value()},
      std::move(ephemeral), std::move(steps), octets);
  v1::Inner inner;
  if (draft.inner) draft.inner(inner);
  return seal(session, inner, draft.header);
}

void Peer::sign(const Session& session, v1::PqStep& step, ByteView ek, ByteView ct) {
  const session::PqStepHashes hashes{.epoch = step.epoch(),
                                     .ek = crypto::sha384(ek),
                                     .ct = ct.empty() ? crypto::Sha384Digest{} : crypto::sha384(ct)};
  const auto binding = session.binding();
  const Bytes octets = session::pq_signature_message(binding.transcript, binding.mine, hashes);
  step.set_ecdsa(wire::field(self_.self().device.key.ecdsa_key().sign(octets)));
  step.set_mldsa(wire::field(self_.self().device.key.ml_dsa_key().sign(octets, random())));
}

std::optional<session::SessionError> Peer::verdict(ByteView wire) {
  const auto peeked = session::peek(wire);
  if (!peeked) return peeked.error();
  const auto& self = self_.self();
  const session::PeerDevice peer{self.account_id(), self.device.id,
                                 self.account->key.public_key().fingerprint(), self.device.key.public_key()};
  auto state = has_peer(victim_.database(), self_.address()) ? steal_peer(victim_.database(), self_.address())
                                                             : session::PeerState(peer.identity());
  const auto local = victim_.self().local();
  std::optional<session::UnverifiedContent> content;
  const auto known = state.sessions();
  if (std::ranges::find(known, peeked->session) != known.end()) {
    auto received = state.receive(local, peer, wire, stage_.now, random());
    if (!received) return received.error().error;
    content = std::move(received->content);
  } else if (peeked->type == session::WireType::message) {
    return session::SessionError::unknown_session;
  } else {
    const auto opened = session::open_init(local, steal_ring(victim_.database()), wire);
    if (!opened) return opened.error();
    auto accepted = state.accept_init(local, peer, *opened, stage_.now, random());
    if (!accepted) return accepted.error().error;
    content = std::move(accepted->received.content);
  }
  if (!content) return std::nullopt;
  const auto verified = std::move(*content).verify_direct(victim_.address().account);
  return verified ? std::nullopt : std::optional(verified.error());
}

}  // namespace sotto::hostile

#include "session/session.h"

#include <algorithm>

#include "crypto/cipher.h"
#include "crypto/declassify.h"
#include "session/limits.h"

namespace sotto::session {

Session::Session(SessionStart start, Direction mine, EcRatchet ec, PqSteps steps)
    : id_(start.keys.session),
      mine_(mine),
      transcript_(start.transcript),
      init_hash_(start.init_hash),
      created_(start.now),
      last_used_(start.now),
      last_resort_(start.last_resort),
      ec_(std::move(ec)),
      pq_(pq_start(start.keys.pq_seed, start.keys.session), mine),
      steps_(std::move(steps)) {}

Session::Session(const Restored& facts, EcRatchet ec, PqRatchet pq, PqSteps steps)
    : id_(facts.id),
      mine_(facts.mine),
      transcript_(facts.transcript),
      init_hash_(facts.init_hash),
      created_(facts.created),
      last_used_(facts.last_used),
      last_resort_(facts.last_resort),
      ec_(std::move(ec)),
      pq_(std::move(pq)),
      steps_(std::move(steps)) {}

Session Session::initiator(SessionStart start, crypto::P256PrivateKey ephemeral, PqSteps steps,
                           Bytes prefix) {
  auto ec =
      EcRatchet::initiator(std::move(start.keys.root), std::move(start.keys.chain), std::move(ephemeral));
  Session out(std::move(start), Direction::a_to_b, std::move(ec), std::move(steps));
  out.prefix_ = std::move(prefix);
  return out;
}

Session Session::responder(SessionStart start, crypto::P256PublicKey ephemeral, PqSteps steps) {
  auto ec =
      EcRatchet::responder(std::move(start.keys.root), std::move(start.keys.chain), std::move(ephemeral));
  return Session(std::move(start), Direction::b_to_a, std::move(ec), std::move(steps));
}

SessionResult<void> Session::step_if_due(crypto::RandomSource& random) {
  if (!ec_.step_due()) return {};
  SOTTO_CHECK_OK(ec_.step(id_, crypto::P256PrivateKey::generate(random)));
  auth_needed_ = true;
  auth_.reset();
  return {};
}

const crypto::EcdsaSignature* Session::ratchet_auth(const LocalDevice& local) {
  if (!auth_needed_) return nullptr;
  if (!auth_) {
    const Bytes message = ratchet_signature_message(transcript_, mine_, ec_.own_key()->public_key().encoded(),
                                                    ec_.peer_key()->encoded());
    auth_ = local.key.ecdsa_key().sign(message);
  }
  return &*auth_;
}

bool Session::acknowledge_ratchet_key(ByteView ratchet_key) {
  if (!auth_needed_ || !equal(ratchet_key, ec_.own_key()->public_key().encoded())) return false;
  auth_needed_ = false;
  auth_.reset();
  return true;
}

const crypto::P256PublicKey* Session::take_unacknowledged_peer_key() {
  if (!ec_.step_due() || ec_.peer_key() == nullptr || acknowledged_elsewhere_) return nullptr;
  acknowledged_elsewhere_ = true;
  return ec_.peer_key();
}

Bytes Session::encrypt(ByteView payload, bool want_pq, UnixMs now, crypto::RandomSource& random) {
  Header header{.session = id_, .salt = random.array<16>(), .want_pq = want_pq};
  const EcMessageKey ec_key = ec_.take_sending_key(header);
  const PqMessageKey pq_key = pq_.take_sending_key(header);
  const SealingKeys keys =
      message_keys(ec_key, pq_key, id_, {mine_, header.n, header.pq_epoch, header.pq_n, header.salt});

  const std::size_t size = padded_size(payload.size());
  Bytes wire(prefix_.size() + kHeaderSize + size + kTagSize);
  const MutableByteView message = MutableByteView(wire).subspan(prefix_.size());
  std::ranges::copy(prefix_, wire.begin());
  std::ranges::copy(encode(header), message.begin());
  const MutableByteView body = message.subspan(kHeaderSize, size);
  pad_into(payload, body);
  crypto::aes256_ctr(keys.enc, keys.iv, body);
  const Tag tag = message_tag(keys.mac, message.first(kHeaderSize), body);
  std::ranges::copy(tag, message.last(kTagSize).begin());
  crypto::declassify(wire);  // goes to the relay
  last_used_ = now;
  return wire;
}

std::uint32_t Session::max_jump(UnixMs now) const {
  const bool suspicious = bad_macs_ >= kBadMacThreshold && elapsed(bad_mac_window_, now) <= kBadMacWindow;
  return suspicious ? kMaxForwardJumpSuspicious : kMaxForwardJump;
}

void Session::note_bad_mac(UnixMs now) {
  if (bad_macs_ == 0 || elapsed(bad_mac_window_, now) > kBadMacWindow) {
    bad_macs_ = 0;
    bad_mac_window_ = now;
  }
  ++bad_macs_;
}

SessionResult<OpenedMessage> Session::open(const ParsedMessage& message, UnixMs now) {
  const Header& header = message.header;
  const std::uint32_t jump = max_jump(now);
  SOTTO_TRY(auto pq, pq_.open(header, jump));
  SOTTO_TRY(auto ec, ec_.open(id_, header, jump));
  const SealingKeys keys = message_keys(
      ec.key.key, pq.key, id_, {opposite(mine_), header.n, header.pq_epoch, header.pq_n, header.salt});
  const Tag tag = message_tag(keys.mac, message.header_octets, message.ciphertext);
  if (!crypto::constant_time_equal(tag, message.tag)) {
    note_bad_mac(now);
    return err(SessionError::bad_mac);
  }
  bad_macs_ = 0;
  Bytes padded(message.ciphertext.size());
  crypto::aes256_ctr(keys.enc, keys.iv, message.ciphertext, padded);
  SOTTO_TRY(const ByteView payload, unpad(padded));
  const std::size_t payload_size = payload.size();
  return OpenedMessage{header, std::move(padded), payload_size, std::move(ec), std::move(pq)};
}

SessionResult<void> Session::verify_ratchet_auth(const OpenedMessage& opened, ByteView signature,
                                                 const PeerDevice& peer) const {
  const Bytes message = ratchet_signature_message(transcript_, opposite(mine_), opened.header.ratchet_key,
                                                  ec_.own_key()->public_key().encoded());
  if (!crypto::ecdsa_verify(peer.key.ecdsa_key(), {message}, signature))
    return err(SessionError::bad_ratchet_auth);
  return {};
}

void Session::commit(OpenedMessage opened, UnixMs now) {
  if (opened.new_ratchet_key()) {
    auth_needed_ = false;  // the peer answered our key
    auth_.reset();
    acknowledged_elsewhere_ = false;
  }
  ec_.commit(std::move(opened.ec), now);
  pq_.commit(std::move(opened.pq), now);
  if (!prefix_.empty()) {
    prefix_.clear();
    prefix_changed_ = true;
  }
  heard_ = true;
  last_used_ = now;
}

}  // namespace sotto::session

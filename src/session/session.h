// One session: both ratchets, the PQ steps, and what the handshake left behind
// (docs/specs/session-protocol.md 5-7). Works on octets: encrypt and open know nothing of payload formats,
// storage or other sessions. PeerState drives it.
//
// Receiving is take, work, apply: open() stages, the caller checks what is inside, commit() applies and
// cannot fail.
#pragma once

#include <optional>

#include "clock/clock.h"
#include "crypto/random.h"
#include "session/device.h"
#include "session/ec_ratchet.h"
#include "session/error.h"
#include "session/header.h"
#include "session/pq_ratchet.h"
#include "session/pq_steps.h"

namespace sotto::session {

/// What both sides hold when a handshake is done.
struct SessionStart {
  HandshakeKeys keys;
  crypto::Sha384Digest transcript{};  ///< TH0
  crypto::Sha384Digest init_hash{};
  UnixMs now;
  bool last_resort = false;
};

/// A message whose MAC verified. Not committed.
struct OpenedMessage {
  Header header;
  Bytes padded;
  std::size_t payload_size = 0;
  EcRatchet::Staged ec;
  PqRatchet::Staged pq;

  [[nodiscard]] ByteView payload() const { return ByteView(padded).subspan(4, payload_size); }
  /// The peer's ratchet key is new: its signature must be in this payload.
  [[nodiscard]] bool new_ratchet_key() const { return ec.new_peer.has_value(); }
};

class Session {
 public:
  /// `prefix` is the INIT before the embedded MSG; it rides on every message until the peer is heard.
  static Session initiator(SessionStart start, crypto::P256PrivateKey ephemeral, PqSteps steps, Bytes prefix);
  static Session responder(SessionStart start, crypto::P256PublicKey ephemeral, PqSteps steps);

  [[nodiscard]] const SessionId& id() const { return id_; }
  [[nodiscard]] const crypto::Sha384Digest& init_hash() const { return init_hash_; }
  [[nodiscard]] bool own_init() const { return mine_ == Direction::a_to_b; }
  [[nodiscard]] bool heard() const { return heard_; }
  [[nodiscard]] bool dead() const { return dead_; }
  void set_dead() { dead_ = true; }
  [[nodiscard]] UnixMs created() const { return created_; }
  [[nodiscard]] UnixMs last_used() const { return last_used_; }
  [[nodiscard]] bool last_resort_start() const { return last_resort_; }
  [[nodiscard]] bool exhausted() const { return ec_.exhausted() || pq_.exhausted(); }
  [[nodiscard]] PqBinding binding() const { return {id_, transcript_, mine_}; }

  [[nodiscard]] EcRatchet& ec() { return ec_; }
  [[nodiscard]] const EcRatchet& ec() const { return ec_; }
  [[nodiscard]] PqRatchet& pq() { return pq_; }
  [[nodiscard]] const PqRatchet& pq() const { return pq_; }
  [[nodiscard]] PqSteps& steps() { return steps_; }
  [[nodiscard]] const PqSteps& steps() const { return steps_; }

  /// Makes a new ratchet key if the peer's changed. The key needs sign_ratchet_key before it travels in a
  /// session that has two parties; benchmarks and tests of the core may leave it out. Errors: crypto_failure.
  SessionResult<void> step_if_due(crypto::RandomSource& random);
  /// RatchetAuth for the own ratchet key if it still needs one, else null. Signed once, repeated until
  /// acknowledged.
  const crypto::EcdsaSignature* ratchet_auth(const LocalDevice& local);
  /// The peer named a ratchet key (AckInfo). True if it was the own one and still unacknowledged.
  bool acknowledge_ratchet_key(ByteView ratchet_key);
  /// The peer's newest ratchet key, if nothing sent yet tells the peer that it arrived: an AckInfo for
  /// another session to carry, once.
  const crypto::P256PublicKey* take_unacknowledged_peer_key();

  /// One message: INIT prefix while unheard, header, ciphertext, tag. Precondition: !ec().step_due(),
  /// !exhausted().
  Bytes encrypt(ByteView payload, bool want_pq, UnixMs now, crypto::RandomSource& random);

  /// Finds the keys, checks the MAC, decrypts and checks the padding of a MSG of this session. Repeated
  /// bad_mac narrows the forward jump that a header may ask for. Errors: own_ratchet_key, stale_index,
  /// unknown_epoch, limit_exceeded, malformed, bad_mac, bad_padding, crypto_failure.
  SessionResult<OpenedMessage> open(const ParsedMessage& message, UnixMs now);
  /// RatchetAuth over the new ratchet key. Errors: bad_ratchet_auth.
  [[nodiscard]] SessionResult<void> verify_ratchet_auth(const OpenedMessage& opened, ByteView signature,
                                                        const PeerDevice& peer) const;
  /// Applies an opened message and marks the peer as heard.
  void commit(OpenedMessage opened, UnixMs now);

  /// True if the INIT prefix or its absence must be written again.
  bool take_prefix_changed() { return std::exchange(prefix_changed_, false); }
  [[nodiscard]] const Bytes& prefix() const { return prefix_; }

 private:
  friend class SessionRecord;
  /// The fixed facts of a loaded session.
  struct Restored {
    SessionId id;
    Direction mine;
    crypto::Sha384Digest transcript{};
    crypto::Sha384Digest init_hash{};
    UnixMs created;
    UnixMs last_used;
    bool last_resort = false;
  };
  Session(SessionStart start, Direction mine, EcRatchet ec, PqSteps steps);
  Session(const Restored& facts, EcRatchet ec, PqRatchet pq, PqSteps steps);
  [[nodiscard]] std::uint32_t max_jump(UnixMs now) const;
  void note_bad_mac(UnixMs now);

  SessionId id_;
  Direction mine_;
  crypto::Sha384Digest transcript_;
  crypto::Sha384Digest init_hash_;
  UnixMs created_;
  UnixMs last_used_;
  bool last_resort_;
  bool heard_ = false;
  bool dead_ = false;
  Bytes prefix_;
  bool prefix_changed_ = true;
  EcRatchet ec_;
  PqRatchet pq_;
  PqSteps steps_;
  /// A's first key is under SIG_A and needs none.
  bool auth_needed_ = false;
  bool acknowledged_elsewhere_ = false;
  std::optional<crypto::EcdsaSignature> auth_;
  // Not persisted: a restart forgives.
  std::uint32_t bad_macs_ = 0;
  UnixMs bad_mac_window_;
};

}  // namespace sotto::session

// Everything about one peer device: its sessions, which of them sends, repeated deliveries, errors and their
// limits (docs/specs/session-protocol.md 4-9). The façade of this module. Not its concern: who the peer is
// (PeerDevice is handed in), transport, storage, what content means.
//
// The owner's part. After every call, successful or not, take_changes() holds the records that must be
// written in ONE transaction together with whatever the call gave (wire octets to send, received content, the
// prekey ring), before octets go out or an envelope is acknowledged. If that transaction fails the object is
// void: load it again. A PeerState is used by one thread at a time.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "clock/clock.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "session/back_off.h"
#include "session/content_signature.h"
#include "session/device.h"
#include "session/error.h"
#include "session/incoming.h"
#include "session/prekey_batch.h"
#include "session/ring_log.h"
#include "session/session_id.h"

namespace sotto::session {

class Session;

/// One record of a PeerState in the encrypted store. Keys are unique within one peer device, at most 32
/// octets.
struct StoredRecord {
  Bytes key;
  crypto::SecretBytes value;
};
struct RecordChange {
  Bytes key;
  std::optional<crypto::SecretBytes> value;  ///< empty: delete the record
};

/// Names a message of the peer that could not be read (section 9).
struct ErrorReport {
  ReportCode code;
  WireHash message{};  ///< H(wire)[0:16] of the envelope as received
  SessionId session;
};

/// The report of an envelope that no session or prekey fits, for whoever may have sent it. Empty if the error
/// is not reportable.
std::optional<ErrorReport> report_of(SessionError error, ByteView wire);

/// What happened to the ratchets on the way; for logs, security state and the outbox.
struct Event {
  enum class Kind : std::uint8_t {
    session_started,  ///< a session of the peer was accepted, or an own INIT made
    session_heard,    ///< the peer answered an own INIT: it has stopped riding
    session_dead,     ///< sends no more; what was sent in it without a receipt should be sent anew
    session_reset,    ///< the peer broke the PQ protocol in it: dead, a new one replaces it
    pq_epoch,         ///< this side now sends under `epoch`
    pq_stalled,       ///< the peer does not answer PQ steps: quantum healing has stopped
    pq_step_ignored,  ///< a PQ step without the signatures it needs
    resend,  ///< the peer could not read `message`: send what it carried again, be it an error, if it
             ///< addressed this device and was not sent kMaxResends times already
  };
  Kind kind;
  SessionId session;
  std::uint32_t epoch = 0;
  WireHash message{};
};

/// What rides in one message besides what the ratchets add themselves.
struct Outgoing {
  const SignedContent* content = nullptr;
  std::optional<Gossip> gossip;
  std::optional<ErrorReport> error;
};

struct Sealed {
  Bytes wire;
  WireHash hash{};  ///< the outbox keeps it: Event::resend names it
  SessionId session;
  std::vector<Event> events;
};

struct Received {
  SessionId session;
  std::optional<UnverifiedContent> content;
  std::optional<Gossip> gossip;  ///< compare with the own view
  std::vector<Event> events;
  /// The peer waits for a post-quantum step that the next message will carry. After a message without content
  /// nothing else may come that it could ride in: answer (docs/specs/session-protocol.md 5).
  bool owes_step = false;
};

struct Accepted {
  Received received;
  PrekeyUse use;  ///< PrekeyRing::consume, in the same transaction
};

/// Why an envelope gave nothing, and what to tell the peer about it, if anything.
struct Refused {
  SessionError error;
  std::optional<ErrorReport> report;  ///< for report()
};

/// What users, bots and policies may know about the encryption to this device.
struct SecurityState {
  bool established = false;   ///< there is a session that the peer was heard in
  std::uint8_t pq_level = 2;  ///< 3 once a PQ epoch after the first confirmed (PQ3's terms)
  std::uint32_t pq_epoch = 0;
  UnixMs last_rekey;  ///< last PQ epoch, or the session's start
  bool last_resort_start = false;
  bool hybrid_authentication = true;
};

class PeerState {
 public:
  /// A device never talked to.
  explicit PeerState(const DeviceIdentity& peer);
  /// All records of one peer device, in any order. Errors: corrupt_record.
  static SessionResult<PeerState> load(std::span<const StoredRecord> records);
  PeerState(PeerState&&) noexcept;
  PeerState& operator=(PeerState&&) noexcept;
  ~PeerState();

  [[nodiscard]] const DeviceIdentity& peer() const { return peer_; }
  /// Every session id that leads here, dead ones too: what the client's index from session id to peer holds.
  [[nodiscard]] std::vector<SessionId> sessions() const;

  /// One message in the sending session. Its INIT rides along until the peer was heard. Errors: need_bundle,
  /// back_off, too_large, peer_changed, crypto_failure.
  SessionResult<Sealed> seal(const LocalDevice& local, const PeerDevice& peer, const Outgoing& outgoing,
                             UnixMs now, crypto::RandomSource& random);
  /// Makes an own INIT, which the next seal() sends. Call it when seal() said need_bundle; the bundle serves
  /// once. Errors: peer_changed, back_off, crypto_failure.
  SessionResult<SessionId> start_session(const LocalDevice& local, const PeerDevice& peer,
                                         VerifiedBundle bundle, const Gossip& claim, UnixMs now,
                                         crypto::RandomSource& random);

  /// An envelope of one of sessions(). Refused with duplicate: acknowledge and forget. Errors: everything
  /// under "messages" in error.h, malformed, unsupported_version, too_large, init_mismatch, peer_changed.
  Result<Received, Refused> receive(const LocalDevice& local, const PeerDevice& peer, ByteView wire,
                                    UnixMs now, crypto::RandomSource& random);
  /// An INIT of a device whose claim was resolved to `peer`. Errors: those of receive, bad_claim,
  /// bad_signature, bad_handshake, rate_limited.
  Result<Accepted, Refused> accept_init(const LocalDevice& local, const PeerDevice& peer,
                                        const OpenedInit& opened, UnixMs now, crypto::RandomSource& random);
  /// Whether the peer may be told now: seal() the result as Outgoing::error. Of this device what Refused
  /// says; also for an envelope that no session or prekey fits (report_of) and that this device may have
  /// sent: envelopes name no sender. A wrong guess is harmless, since the peer heeds only errors about what
  /// it sent. Empty when it was said(), or when the limits of section 8 forbid it now.
  std::optional<ErrorReport> report(const ErrorReport& unread, UnixMs now);
  /// The peer was told about this message.
  [[nodiscard]] bool said(const ErrorReport& unread) const;

  /// A device of the own account was removed, or the user wishes it: every session that was heard renews its
  /// post-quantum keys with the next messages. True if there is one to send such a message in.
  bool rekey();

  /// Housekeeping, daily or so: old sessions, own INITs never heard, skipped keys, sent hashes.
  std::vector<Event> expire(UnixMs now);

  [[nodiscard]] SecurityState security(UnixMs now) const;
  [[nodiscard]] std::size_t skipped_keys() const;
  /// For the limit over all peers: forgets the oldest `count` skipped keys (rounded up to whole runs).
  void drop_oldest_skipped(std::size_t count);

  /// Records changed since the last call.
  std::vector<RecordChange> take_changes();

 private:
  friend class PeerRecord;
  /// A message accepted before.
  struct AcceptedHash {
    WireHash hash{};
    void write(RecordWriter& out) const { out.raw(hash); }
    static AcceptedHash read(RecordReader& in) { return {in.array<16>()}; }
  };
  /// A message sent to this device.
  struct SentHash {
    WireHash hash{};
    SessionId session;
    UnixMs sent;
    bool named = false;  ///< by an error of the peer
    void write(RecordWriter& out) const;
    static SentHash read(RecordReader& in);
  };
  /// A session that the peer must hear is dead, and the own INIT that says so.
  struct Replacement {
    SessionId dead;
    std::optional<SessionId> carrier;
  };
  /// An error that was sent to the peer.
  struct Reported {
    WireHash message{};
    SessionId session;
    UnixMs when;
  };
  struct Incoming;

  // Which session (peer_state.cpp).
  [[nodiscard]] Session* find(const SessionId& id);
  [[nodiscard]] const Session* find(const SessionId& id) const;
  [[nodiscard]] const Session* sending_session(UnixMs now, const SessionId* except) const;
  [[nodiscard]] const Session* newest_init(UnixMs now, const SessionId* except) const;
  [[nodiscard]] SessionResult<SessionId> choose(const Outgoing& outgoing, UnixMs now) const;
  [[nodiscard]] bool replacement_pending() const;
  void touch(const Session& session);
  void remove(const SessionId& id);
  void kill(Session& session, Event::Kind kind, std::vector<Event>& events);
  void replace_later(const SessionId& dead);
  void release_carrier(const SessionId& carrier);
  void make_room(const SessionId& newest, UnixMs now);
  // Sending (peer_send.cpp).
  SessionResult<Bytes> compose(Session& session, const LocalDevice& local, const Outgoing& outgoing,
                               UnixMs now, crypto::RandomSource& random);
  // Receiving (peer_receive.cpp).
  Result<Received, Refused> receive_in(Session& session, Incoming& incoming);
  void process(Session& session, Incoming& incoming, Received& received);
  void heed(const ErrorReport& report, const SessionId& carrier, UnixMs now, std::vector<Event>& events);
  void doubt_sessions(const SentHash& unread, const SessionId& carrier, std::vector<Event>& events);
  DeviceIdentity peer_;
  std::vector<Session> sessions_;
  RingLog<AcceptedHash, kMaxAcceptedHashes, 32> accepted_;
  RingLog<SentHash, kMaxSentHashes, 16> sent_;
  std::vector<Replacement> replacements_;
  std::optional<SessionId> forced_;  ///< the next message goes here: an INIT that must arrive
  std::vector<SessionId> retired_;   ///< removed sessions, oldest first
  BackOff resets_;
  BackOff error_inits_;
  bool error_init_due_ = false;  ///< seal() asked for a bundle so that an error can travel
  UnixMs error_window_;
  std::uint32_t errors_in_window_ = 0;
  std::vector<Reported> reported_;
  std::vector<UnixMs> new_sessions_;

  bool summary_changed_ = true;
  std::vector<SessionId> touched_;
  std::vector<RecordChange> removed_;
};

}  // namespace sotto::session

// The key schedule of SP/1: every derivation of docs/specs/session-protocol.md 4-6 as a pure function.
// tests/vectors/sp1_kat.json pins all of them.
#pragma once

#include <optional>
#include <utility>

#include "crypto/ml_kem.h"
#include "crypto/p256.h"
#include "session/device.h"
#include "session/keys.h"
#include "session/prekey_batch.h"
#include "session/session_id.h"

namespace sotto::session {

using RatchetKeyOctets = ByteArray<crypto::kP256PublicKeySize>;
using Salt = ByteArray<16>;
using Tag = ByteArray<32>;

inline constexpr std::uint16_t kSuite = 0x0001;

/// The fields of `pre`: what both sides fix before the initiator's identity is known.
struct HandshakePrefix {
  Bytes responder;  ///< id_B
  RatchetKeyOctets signed_prekey{};
  std::optional<RatchetKeyOctets> one_time_prekey;
  crypto::Sha384Digest kem_key_hash{};
  RatchetKeyOctets initiator_key{};  ///< EK_A
  crypto::Sha384Digest ciphertext_hash{};
  BundleHash bundle{};
};

/// TH_pre.
crypto::Sha384Digest transcript_prefix(const HandshakePrefix& prefix);
/// TH0; `initiator` is id_A.
crypto::Sha384Digest transcript(const crypto::Sha384Digest& transcript_prefix, ByteView initiator);

crypto::PseudorandomKey handshake_secret(const crypto::KemSecret& kem,
                                         const crypto::EcdhSecret& signed_prekey,
                                         const crypto::EcdhSecret* one_time);
/// HSK.
HandshakeKey identity_key(const crypto::PseudorandomKey& prk0, const crypto::Sha384Digest& transcript_prefix);
/// The keys idC is sealed with.
SealingKeys identity_sealing_keys(const HandshakeKey& key);

struct HandshakeKeys {
  RootKey root;       ///< RK0
  EcChainKey chain;   ///< CK0
  PqSeedKey pq_seed;  ///< PQR
  TransportKey tk_a2b;
  TransportKey tk_b2a;
  SessionId session;
};
HandshakeKeys handshake_keys(const crypto::PseudorandomKey& prk0, const crypto::Sha384Digest& transcript);

/// The keys of one PQ epoch, epoch 0 included (whose transport keys come from the handshake).
struct PqEpochKeys {
  PqRootKey root;
  PqChainKey chain_a2b;
  PqChainKey chain_b2a;
};
PqEpochKeys pq_start(const PqSeedKey& seed, const SessionId& session);

struct PqStepHashes {
  std::uint32_t epoch = 0;
  crypto::Sha384Digest ek{};
  crypto::Sha384Digest ct{};
};
struct PqEpoch {
  PqEpochKeys keys;
  TransportKey tk_a2b;
  TransportKey tk_b2a;
};
PqEpoch pq_epoch(const PqRootKey& previous, const crypto::KemSecret& secret, const SessionId& session,
                 const PqStepHashes& step);

struct EcStepKeys {
  RootKey root;
  EcChainKey chain;
};
EcStepKeys ec_step(const RootKey& root, const crypto::EcdhSecret& secret, const SessionId& session,
                   const RatchetKeyOctets& new_key, const RatchetKeyOctets& peer_key);

/// Names and steps of the two symmetric chains, for chains.h.
struct EcChainKind {
  using ChainKey = EcChainKey;
  using MessageKey = EcMessageKey;
  using Name = RatchetKeyOctets;
  /// The message key of this position and the chain key of the next one.
  static std::pair<MessageKey, ChainKey> advance(const ChainKey& chain);
};
struct PqChainKind {
  using ChainKey = PqChainKey;
  using MessageKey = PqMessageKey;
  using Name = std::uint32_t;  ///< the epoch
  /// The message key of this position and the chain key of the next one.
  static std::pair<MessageKey, ChainKey> advance(const ChainKey& chain);
};

/// What of a header goes into the message keys.
struct MessagePosition {
  Direction direction;
  std::uint32_t n = 0;
  std::uint32_t pq_epoch = 0;
  std::uint32_t pq_n = 0;
  Salt salt{};
};
SealingKeys message_keys(const EcMessageKey& ec, const PqMessageKey& pq, const SessionId& session,
                         const MessagePosition& position);

/// T over associated data and ciphertext.
Tag message_tag(const MacKey& key, ByteView associated, ByteView ciphertext);

/// The messages that signatures cover.
Bytes handshake_signature_message(const crypto::Sha384Digest& transcript, ByteView claim);
Bytes ratchet_signature_message(const crypto::Sha384Digest& transcript, Direction sender,
                                const RatchetKeyOctets& new_key, const RatchetKeyOctets& peer_key);
/// step.ct zero for an encapsulation key.
Bytes pq_signature_message(const crypto::Sha384Digest& transcript, Direction sender,
                           const PqStepHashes& step);

}  // namespace sotto::session

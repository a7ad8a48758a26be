// The first look at an envelope, before any key is touched, and the opening of an INIT before its sender is
// known (docs/specs/session-protocol.md 4). A receiver goes:
//
//   peek(wire)             -> session id; a PeerState that has it: PeerState::receive(wire)
//   no such session, INIT  -> open_init(local, ring, wire): who claims to write; resolve that device through
//   its
//                             newest verified manifest; PeerState::accept_init(opened, device);
//                             ring.consume(use)
//   no such session, MSG   -> unknown_session; PeerState::report to the devices heard last: envelopes name no
//   sender
#pragma once

#include <vector>

#include "bytes/bytes.h"
#include "crypto/hkdf.h"
#include "identity/manifest.h"
#include "session/device.h"
#include "session/error.h"
#include "session/prekey_ring.h"
#include "session/session_id.h"

namespace sotto::session {

enum class WireType : std::uint8_t { message = 1, init = 2 };

struct Peeked {
  WireType type;
  SessionId session;  ///< unauthenticated
};

/// Errors: malformed, unsupported_version, too_large.
SessionResult<Peeked> peek(ByteView wire);

/// A transparency tree head as gossiped.
struct TransparencyHead {
  ByteArray<8> log_id{};
  std::uint64_t size = 0;
  ByteArray<32> root{};

  friend bool operator==(const TransparencyHead&, const TransparencyHead&) = default;
};

/// What one side says it believes about both manifests and the log; the client compares it with its own view
/// (identity::relate). Travels in claims and in messages.
struct Gossip {
  identity::ManifestRef own_manifest;
  identity::ManifestRef peer_manifest;  ///< version 0: none seen
  TransparencyHead head;                ///< size 0: none

  friend bool operator==(const Gossip&, const Gossip&) = default;
};

/// An initiator's claim about itself; believed only once accept_init verified its signature.
struct IdClaim {
  AccountId account;
  DeviceId device;
  Gossip gossip;
  crypto::Sha384Digest ek1_hash{};
  std::vector<SessionId> replaces;
};

/// An INIT whose identity part this device could decrypt. Nothing is consumed yet. Keep it or drop it:
/// opening the same envelope again gives the same.
struct OpenedInit {
  IdClaim claim;  ///< unverified
  SessionId session;
  PrekeyUse use;
  // For accept_init.
  Bytes claim_octets;
  Bytes signature;
  crypto::Sha384Digest transcript{};  ///< TH_pre
  crypto::PseudorandomKey prk0;
  crypto::P256PublicKey initiator_key;  ///< EK_A
  crypto::Sha384Digest init_hash{};
  Bytes wire;                      ///< the whole envelope
  std::size_t message_offset = 0;  ///< of the embedded MSG
};

/// Errors: malformed, unsupported_version, too_large, replayed, unknown_prekey, bad_handshake, bad_claim.
SessionResult<OpenedInit> open_init(const LocalDevice& local, const PrekeyRing& ring, ByteView wire);

}  // namespace sotto::session

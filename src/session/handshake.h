// The signed hybrid handshake (docs/specs/session-protocol.md 4): an initiator's INIT, and the responder's
// session from an opened one. Opening itself, before the sender is known, is in incoming.h.
#pragma once

#include <span>

#include "crypto/random.h"
#include "session/incoming.h"
#include "session/session.h"

namespace sotto::session {

/// A's side: agrees on keys with the bundle's owner, signs the claim, proposes PQ epoch 1. The INIT is in the
/// session's prefix. Errors: crypto_failure.
SessionResult<Session> initiate(const LocalDevice& local, const VerifiedBundle& bundle, const Gossip& gossip,
                                std::span<const SessionId> replaces, UnixMs now,
                                crypto::RandomSource& random);

/// B's side: checks that the claim and its signature are `peer`'s and derives the session. The embedded MSG
/// must still be opened in it before anything is kept. Errors: bad_claim, bad_signature, bad_handshake.
SessionResult<Session> respond(const PeerDevice& peer, const OpenedInit& opened, UnixMs now);

}  // namespace sotto::session

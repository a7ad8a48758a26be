// Between this module's values and the protobuf messages of session.proto.
#pragma once

#include "session/incoming.h"
#include "session/peer_state.h"

namespace sotto::v1 {
class Gossip;
class SessionError;
}  // namespace sotto::v1

namespace sotto::session {

void to_wire(const Gossip& gossip, v1::Gossip& out);
/// Errors: bad_payload.
SessionResult<Gossip> from_wire(const v1::Gossip& gossip);

Bytes encode(const IdClaim& claim);
/// Errors: bad_claim.
SessionResult<IdClaim> decode_claim(ByteView octets);

void to_wire(const ErrorReport& report, v1::SessionError& out);
/// Errors: bad_payload.
SessionResult<ErrorReport> from_wire(const v1::SessionError& error);

}  // namespace sotto::session

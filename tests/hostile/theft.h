// What a thief of a device's open store finds in it, and what can be made of it.
#pragma once

#include "client/store/database.h"
#include "identity/ids.h"
#include "session/peer_state.h"
#include "session/session.h"

namespace sotto::hostile {

[[nodiscard]] bool has_peer(client::store::Database& store, const identity::DeviceAddress& peer);
/// The state with one peer device. Precondition: there is one.
session::PeerState steal_peer(client::store::Database& store, const identity::DeviceAddress& peer);
/// The session that was used last with one peer device. Precondition: there is one.
session::Session steal_session(client::store::Database& store, const identity::DeviceAddress& peer);
/// The private prekeys.
session::PrekeyRing steal_ring(client::store::Database& store);

/// Opens a MSG or the one in an INIT and keeps what follows from it. The error, or nothing.
std::optional<session::SessionError> read(session::Session& stolen, ByteView envelope, UnixMs now);

}  // namespace sotto::hostile

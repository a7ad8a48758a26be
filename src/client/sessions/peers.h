// The session states of peer devices during one input: loaded on first use, written back together.
#pragma once

#include <map>
#include <optional>

#include "client/store/database.h"
#include "identity/ids.h"
#include "session/peer_state.h"

namespace sotto::client {

class Peers {
 public:
  explicit Peers(store::Database& database) : database_(database) {}

  /// The state for this device, new if there was none. A stored state that does not decode is
  /// database_corrupt. Borrowed until the input ends.
  session::PeerState& get(const session::DeviceIdentity& peer);
  /// The device left its account: what was loaded of it is not written back.
  void forget(const identity::DeviceAddress& peer) { loaded_.erase(peer); }
  /// Which device a session id belongs to.
  [[nodiscard]] std::optional<identity::DeviceAddress> find(const session::SessionId& session) const;
  /// Writes every change of every state. Once, before the commit.
  void flush(UnixMs now);

 private:
  store::Database& database_;
  std::map<identity::DeviceAddress, session::PeerState> loaded_;
};

/// peer_device: what the client itself remembers about a device.
/// True the first time.
bool note_heard(store::Database& database, const identity::DeviceAddress& device, UnixMs now);
void note_answered(store::Database& database, const identity::DeviceAddress& device);

}  // namespace sotto::client

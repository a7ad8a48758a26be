#include "client/sessions/peers.h"

#include <vector>

#include "sotto/v1/client_api.pb.h"

namespace sotto::client {
namespace {

v1::SecurityState::PqLevel level_of(const session::SecurityState& security) {
  return security.pq_level >= 3 ? v1::SecurityState::PQ_CONTINUOUS : v1::SecurityState::PQ_ESTABLISHMENT;
}

void ensure_row(store::Database& database, const identity::DeviceAddress& device) {
  database.run(
      "INSERT OR IGNORE INTO peer_device (account, device, unanswered, pq_level, last_rekey_ms)"
      " VALUES (?1, ?2, 0, 0, 0)",
      device.account, device.device);
}

}  // namespace

session::PeerState& Peers::get(const session::DeviceIdentity& peer) {
  const identity::DeviceAddress address{peer.account, peer.device};
  if (const auto found = loaded_.find(address); found != loaded_.end()) return found->second;

  std::vector<session::StoredRecord> records;
  {
    store::Rows rows = database_.query(
        "SELECT key, value FROM peer_record WHERE account = ?1 AND device = ?2", peer.account, peer.device);
    while (rows.next()) records.push_back({rows.octets(0), rows.secret(1)});
  }
  if (!records.empty()) {
    auto state = session::PeerState::load(records);
    if (state) return loaded_.emplace(address, *std::move(state)).first->second;
    database_.report_damage();
  }
  return loaded_.emplace(address, session::PeerState(peer)).first->second;
}

std::optional<identity::DeviceAddress> Peers::find(const session::SessionId& session) const {
  // A session that was made earlier in this same input is not indexed yet.
  for (const auto& [address, state] : loaded_) {
    for (const auto& known : state.sessions()) {
      if (known == session) return address;
    }
  }
  store::Rows rows =
      database_.query("SELECT account, device FROM peer_session WHERE session = ?1", session.octets());
  if (!rows.next()) return std::nullopt;
  return identity::DeviceAddress{rows.id<identity::AccountId>(0), rows.id<identity::DeviceId>(1)};
}

void Peers::flush(UnixMs now) {
  for (auto& [address, state] : loaded_) {
    const auto changes = state.take_changes();
    if (changes.empty()) continue;
    for (const auto& change : changes) {
      if (change.value) {
        database_.run(
            "INSERT INTO peer_record (account, device, key, value) VALUES (?1, ?2, ?3, ?4)"
            " ON CONFLICT (account, device, key) DO UPDATE SET value = ?4",
            address.account, address.device, change.key, *change.value);
      } else {
        database_.run("DELETE FROM peer_record WHERE account = ?1 AND device = ?2 AND key = ?3",
                      address.account, address.device, change.key);
      }
    }
    database_.run("DELETE FROM peer_session WHERE account = ?1 AND device = ?2", address.account,
                  address.device);
    for (const auto& session : state.sessions()) {
      database_.run("INSERT OR IGNORE INTO peer_session (session, account, device) VALUES (?1, ?2, ?3)",
                    session.octets(), address.account, address.device);
    }
    const auto security = state.security(now);
    ensure_row(database_, address);
    database_.run(
        "UPDATE peer_device SET pq_level = ?3, last_rekey_ms = ?4 WHERE account = ?1 AND device = ?2",
        address.account, address.device, level_of(security), security.last_rekey);
  }
}

bool note_heard(store::Database& database, const identity::DeviceAddress& device, UnixMs now) {
  ensure_row(database, device);
  bool first = false;
  {
    store::Rows rows =
        database.query("SELECT heard_ms IS NULL FROM peer_device WHERE account = ?1 AND device = ?2",
                       device.account, device.device);
    first = rows.next() && rows.integer(0) == 1;
  }
  database.run(
      "UPDATE peer_device SET heard_ms = ?3, unanswered = unanswered + 1 WHERE account = ?1 AND device = ?2",
      device.account, device.device, now);
  return first;
}

void note_answered(store::Database& database, const identity::DeviceAddress& device) {
  ensure_row(database, device);
  database.run("UPDATE peer_device SET unanswered = 0 WHERE account = ?1 AND device = ?2", device.account,
               device.device);
}

}  // namespace sotto::client

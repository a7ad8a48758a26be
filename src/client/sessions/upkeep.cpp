#include "client/sessions/upkeep.h"

#include <algorithm>
#include <vector>

#include "client/contacts/manifests.h"
#include "client/devices/aftermath.h"
#include "client/outbox/encrypt.h"
#include "session/limits.h"

namespace sotto::client {
namespace {

constexpr DurationMs kInterval = hours(24);

bool due(Work& work) {
  store::Rows rows = work.db.query("SELECT upkeep_ms FROM profile");
  return rows.next() && has_passed(kInterval, rows.time(0), work.now);
}

std::vector<identity::DeviceAddress> known_devices(store::Database& database) {
  std::vector<identity::DeviceAddress> out;
  store::Rows rows = database.query("SELECT DISTINCT account, device FROM peer_record");
  while (rows.next()) out.push_back({rows.id<identity::AccountId>(0), rows.id<identity::DeviceId>(1)});
  return out;
}

}  // namespace

void clear_old_sessions(Work& work) {
  if (!work.self.account || !due(work)) return;
  work.db.run("UPDATE profile SET upkeep_ms = ?1", work.now);
  forget_old_departures(work);
  std::size_t skipped = 0;
  for (const auto& address : known_devices(work.db)) {
    const auto peer = peer_device(work.db, address);
    if (!peer) {
      // The device left its account: nothing is ever said to it or heard from it again.
      work.db.run("DELETE FROM peer_record WHERE account = ?1 AND device = ?2", address.account,
                  address.device);
      work.db.run("DELETE FROM peer_session WHERE account = ?1 AND device = ?2", address.account,
                  address.device);
      continue;
    }
    session::PeerState& state = work.peers.get(peer->identity());
    handle_session_events(work, address, state.expire(work.now));
    skipped += state.skipped_keys();
    if (skipped > session::kMaxSkippedKeysPerDevice) {
      const std::size_t excess = skipped - session::kMaxSkippedKeysPerDevice;
      state.drop_oldest_skipped(std::min(excess, state.skipped_keys()));
      skipped = session::kMaxSkippedKeysPerDevice;
    }
  }
}

}  // namespace sotto::client

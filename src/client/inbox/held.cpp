#include "client/inbox/held.h"

#include <vector>

namespace sotto::client {
namespace {

/// Anyone can claim to be anyone: what waits is bounded for all claims together.
constexpr std::uint64_t kMaxHeld = 1000;
constexpr DurationMs kHeldLifetime = days(30);

}  // namespace

bool hold_envelope(Work& work, const identity::AccountId& claimed, const Arrived& arrived) {
  {
    store::Rows rows = work.db.query("SELECT count(*) FROM held_envelope");
    if (rows.next() && rows.count(0) >= kMaxHeld) return false;
  }
  work.db.run(
      "INSERT INTO held_envelope (account, received_ms, payload, shared_body) VALUES (?1, ?2, ?3, ?4)",
      claimed, work.now, arrived.payload, arrived.shared_body);
  return true;
}

void process_held(Work& work, const identity::AccountId& account) {
  std::vector<std::pair<Bytes, Bytes>> waiting;
  {
    store::Rows rows = work.db.query(
        "SELECT payload, shared_body FROM held_envelope WHERE account = ?1 ORDER BY id", account);
    while (rows.next()) waiting.emplace_back(rows.octets(0), rows.octets(1));
  }
  work.db.run("DELETE FROM held_envelope WHERE account = ?1", account);
  for (const auto& [payload, shared_body] : waiting) {
    receive_envelope(work, {payload, shared_body}, Resolution::final);
  }
}

void expire_held(Work& work) {
  work.db.run("DELETE FROM held_envelope WHERE received_ms < ?1",
              UnixMs{work.now.value - std::min(work.now.value, kHeldLifetime.value)});
}

}  // namespace sotto::client

#include "client/inbox/held.h"

#include <vector>

#include "client/inbox/receive.h"

namespace sotto::client {
namespace {

/// Anyone can claim to be anyone: what waits is bounded for all claims together.
constexpr std::uint64_t kMaxHeld = 1000;
constexpr DurationMs kHeldLifetime = days(30);

}  // namespace

bool hold_envelope(Work& work, const identity::AccountId& claimed, ByteView payload) {
  {
    store::Rows rows = work.db.query("SELECT count(*) FROM held_envelope");
    if (rows.next() && rows.count(0) >= kMaxHeld) return false;
  }
  work.db.run("INSERT INTO held_envelope (account, received_ms, payload) VALUES (?1, ?2, ?3)", claimed,
              work.now, payload);
  return true;
}

void process_held(Work& work, const identity::AccountId& account) {
  std::vector<Bytes> waiting;
  {
    store::Rows rows =
        work.db.query("SELECT payload FROM held_envelope WHERE account = ?1 ORDER BY id", account);
    while (rows.next()) waiting.push_back(rows.octets(0));
  }
  work.db.run("DELETE FROM held_envelope WHERE account = ?1", account);
  for (const Bytes& payload : waiting) receive_envelope(work, payload, Resolution::final);
}

void expire_held(Work& work) {
  work.db.run("DELETE FROM held_envelope WHERE received_ms < ?1",
              UnixMs{work.now.value - std::min(work.now.value, kHeldLifetime.value)});
}

}  // namespace sotto::client

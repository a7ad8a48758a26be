#include "client/outbox/encrypt.h"

#include <set>
#include <vector>

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/conversations/requirement.h"
#include "client/outbox/queue.h"
#include "client/transparency/clearance.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Encrypted and not yet durable at the server, per device. More would only be encrypted again when a session
/// dies.
constexpr std::int64_t kWindow = 32;
/// Octets of what the server gives with bundles.
constexpr std::size_t kContactPass = 16;

RequestKey bundles_key(const identity::AccountId& account) {
  return {RequestKind::bundles, to_bytes(account.view())};
}

/// Pauses while the server lets this account begin to write to nobody new; only told by.
const RequestKey kFirstContacts{RequestKind::bundles, {}};

/// What the server gave for an account that was written to before; empty: nothing.
Bytes contact_pass(store::Database& database, const identity::AccountId& account) {
  store::Rows rows = database.query("SELECT pass FROM first_contact_pass WHERE account = ?1", account);
  return rows.next() ? rows.octets(0) : Bytes();
}

void keep_contact_pass(Work& work, const identity::AccountId& account, ByteView pass) {
  if (pass.size() != kContactPass) return;
  work.db.run("INSERT OR REPLACE INTO first_contact_pass (account, pass) VALUES (?1, ?2)", account, pass);
}

std::string in_words(DurationMs wait) {
  const std::uint64_t count = wait.value / minutes(1).value + 1;
  if (count < 120) return std::to_string(count) + (count == 1 ? " minute" : " minutes");
  return std::to_string(count / 60 + 1) + " hours";
}

std::vector<identity::DeviceAddress> waiting_devices(store::Database& database) {
  std::vector<identity::DeviceAddress> out;
  store::Rows rows = database.query(
      "SELECT DISTINCT d.account, d.device FROM outbox_delivery d"
      " JOIN manifest m ON m.account = d.account LEFT JOIN contact c ON c.account = d.account"
      " WHERE d.accepted = 0 AND d.wire IS NULL AND m.stale = 0 AND c.changed_fingerprint IS NULL");
  while (rows.next()) out.push_back({rows.id<identity::AccountId>(0), rows.id<identity::DeviceId>(1)});
  return out;
}

std::vector<OutboxItemId> waiting_heads(store::Database& database, const identity::DeviceAddress& device) {
  std::vector<OutboxItemId> out;
  store::Rows rows = database.query(
      "SELECT d.item FROM outbox_delivery d JOIN outbox_item o ON o.id = d.item WHERE d.account = ?1"
      " AND d.device = ?2 AND d.accepted = 0 AND d.wire IS NULL AND o.heads = 1 ORDER BY d.item",
      device.account, device.device);
  while (rows.next()) out.push_back(rows.integer(0));
  return out;
}

std::vector<OutboxItemId> waiting_items(store::Database& database, const identity::DeviceAddress& device) {
  std::int64_t encrypted = 0;
  {
    store::Rows rows = database.query(
        "SELECT count(*) FROM outbox_delivery WHERE account = ?1 AND device = ?2 AND accepted = 0"
        " AND wire IS NOT NULL",
        device.account, device.device);
    if (rows.next()) encrypted = rows.integer(0);
  }
  std::vector<OutboxItemId> out;
  if (encrypted >= kWindow) return out;
  store::Rows rows = database.query(
      "SELECT item FROM outbox_delivery WHERE account = ?1 AND device = ?2 AND accepted = 0 AND wire IS NULL"
      " ORDER BY item LIMIT ?3",
      device.account, device.device, kWindow - encrypted);
  while (rows.next()) out.push_back(rows.integer(0));
  return out;
}

void drop_delivery(Work& work, OutboxItemId item, const identity::DeviceAddress& device) {
  work.db.run("DELETE FROM outbox_delivery WHERE item = ?1 AND account = ?2 AND device = ?3 AND accepted = 0",
              item, device.account, device.device);
}

enum class Sealing : std::uint8_t { done, need_bundle, pause };

/// One delivery. A refusal that concerns the item alone drops it and counts as done.
Sealing seal_one(Work& work, session::PeerState& state, const session::PeerDevice& peer, OutboxItemId item) {
  const auto lacking = shortfall(work, item, peer.account, state.security(work.now));
  if (!lacking.empty()) {
    drop_delivery(work, item, peer.address());
    fail_item(work, item, lacking);
    return Sealing::done;
  }
  const Carried carried = load_carried(work.db, item);
  const session::Outgoing outgoing{
      .content = carried.content ? &*carried.content : nullptr,
      .gossip = gossip_for(work, peer.account),
      .error = carried.report,
  };
  auto sealed = state.seal(work.self.local(), peer, outgoing, work.now, work.random);
  if (!sealed) {
    switch (sealed.error()) {
      case session::SessionError::need_bundle: return Sealing::need_bundle;
      case session::SessionError::back_off: return Sealing::pause;
      case session::SessionError::too_large:
        fail_item(work, item, "the message is too large for one envelope");
        return Sealing::done;
      default: drop_delivery(work, item, peer.address()); return Sealing::done;
    }
  }
  work.db.run(
      "UPDATE outbox_delivery SET wire = ?4, wire_hash = ?5, session = ?6 WHERE item = ?1 AND account = ?2"
      " AND device = ?3",
      item, peer.account, peer.device, sealed->wire, sealed->hash, sealed->session.octets());
  note_answered(work.db, peer.address());
  handle_session_events(work, peer.address(), sealed->events);
  return Sealing::done;
}

/// All that fits the window. need_bundle and pause concern the device: the rest of its queue waits.
Sealing seal_queue(Work& work, const session::PeerDevice& peer) {
  const auto cleared = clearance(work, peer.account);
  if (!may_leave(cleared)) return Sealing::pause;
  session::PeerState& state = work.peers.get(peer.identity());
  const auto items = cleared == Clearance::heads_only ? waiting_heads(work.db, peer.address())
                                                      : waiting_items(work.db, peer.address());
  for (const OutboxItemId item : items) {
    const Sealing result = seal_one(work, state, peer, item);
    if (result != Sealing::done) return result;
  }
  return Sealing::done;
}

std::optional<UnixMs> newest_batch(store::Database& database, const identity::DeviceAddress& device) {
  store::Rows rows =
      database.query("SELECT newest_batch_ms FROM peer_device WHERE account = ?1 AND device = ?2",
                     device.account, device.device);
  if (!rows.next() || rows.is_null(0)) return std::nullopt;
  return rows.time(0);
}

session::PrekeyResult<session::VerifiedBundle> verify(Work& work, const session::PeerDevice& peer,
                                                      const v1::Bundle& bundle) {
  SOTTO_TRY(const auto batch,
            session::verify_batch(wire::octets(bundle.batch()), wire::octets(bundle.signature()),
                                  wire::octets(bundle.last_resort_kem()), peer,
                                  newest_batch(work.db, peer.address()), work.now));
  work.db.run(
      "INSERT INTO peer_device (account, device, newest_batch_ms, unanswered, pq_level, last_rekey_ms)"
      " VALUES (?1, ?2, ?3, 0, 0, 0) ON CONFLICT (account, device) DO UPDATE SET newest_batch_ms = ?3",
      peer.account, peer.device, batch.created());
  if (!bundle.has_one_time()) return batch.last_resort(work.now);
  session::OneTimePart part{.index = bundle.one_time().index(),
                            .ec = wire::octets(bundle.one_time().ec()),
                            .kem = wire::octets(bundle.one_time().kem())};
  for (const auto& node : bundle.one_time().path()) part.path.push_back(wire::octets(node));
  return batch.with_one_time(part, work.now);
}

/// Once for all that the server lets wait.
void tell_of_first_contacts(Work& work, const identity::AccountId& account, DurationMs wait) {
  const bool told = !work.link.may(kFirstContacts, work.now);
  work.link.pause(kFirstContacts, wait, work.now, work.random);
  if (told) return;
  const auto contact = find_contact(work.db, account);
  report_problem(work, v1::Problem::FIRST_CONTACT_LIMITED,
                 "this account has written to many new people; the server takes the next one in " +
                     in_words(wait) + "; the message is kept and goes by itself",
                 contact ? display_name(*contact) : to_hex(account.view()));
}

/// Starts a session with one bundle and sends what waits for it. False: the bundle is of no use.
bool use_bundle(Work& work, const session::PeerDevice& peer, const v1::Bundle& bundle) {
  auto verified = verify(work, peer, bundle);
  if (!verified) {
    report_problem(work, v1::Problem::PREKEYS_REFUSED, session::describe(verified.error()),
                   to_hex(peer.device.view()));
    return false;
  }
  session::PeerState& state = work.peers.get(peer.identity());
  const auto claim = gossip_for(work, peer.account);
  const auto started =
      state.start_session(work.self.local(), peer, *std::move(verified), claim, work.now, work.random);
  if (started) seal_queue(work, peer);
  return started.has_value();
}

}  // namespace

void encrypt_waiting(Work& work) {
  std::map<identity::AccountId, std::vector<identity::DeviceId>> need_bundles;
  std::map<identity::AccountId, bool> cleared;
  for (const auto& device : waiting_devices(work.db)) {
    const auto [known, fresh] = cleared.try_emplace(device.account);
    if (fresh) known->second = may_leave(clearance(work, device.account));
    if (!known->second) continue;
    const auto manifest = load_manifest(work.db, device.account);
    if (!manifest) continue;
    if (!identity::freshness(manifest->manifest(), work.now)) {
      mark_stale(work.db, device.account);
      fetch_manifests(work, device.account);
      continue;
    }
    const auto peer = peer_device(*manifest, device.device);
    // back_off needs no pause of its own: trying again costs nothing until the session layer lets it through.
    if (peer && seal_queue(work, *peer) == Sealing::need_bundle)
      need_bundles[device.account].push_back(device.device);
  }
  for (const auto& [account, devices] : need_bundles) {
    if (!work.link.may(bundles_key(account), work.now)) continue;
    v1::ClientFrame frame;
    frame.mutable_fetch_bundles()->set_account(wire::field(account.view()));
    frame.mutable_fetch_bundles()->set_pass(wire::field(contact_pass(work.db, account)));
    for (const auto& device : devices) frame.mutable_fetch_bundles()->add_devices(wire::field(device.view()));
    work.link.send(work.effects, frame,
                   {.key = bundles_key(account),
                    .account = account,
                    .handle = {},
                    .bundles = {devices.begin(), devices.end()},
                    .submitted = {}});
  }
}

void on_bundles(Work& work, const Request& request, const v1::Bundles& answer) {
  keep_contact_pass(work, request.account, wire::octets(answer.pass()));
  work.link.succeeded(kFirstContacts);
  const auto manifest = load_manifest(work.db, request.account);
  if (!manifest) return;
  // Each device once, and none that was not asked for: every bundle used makes a session.
  std::set<identity::DeviceId> asked = request.bundles;
  bool useful = true;
  for (const auto& bundle : answer.bundles()) {
    const auto device = identity::DeviceId::from(wire::octets(bundle.device()));
    if (!device || asked.erase(*device) == 0) continue;
    if (const auto peer = peer_device(*manifest, *device)) useful &= use_bundle(work, *peer, bundle);
  }
  if (useful && asked.empty()) {
    work.link.succeeded(request.key);
  } else {
    // A device that was just linked has not uploaded any yet, or the server has only useless ones: look again
    // soon, then less and less often. Each look may cost the device a one-time pair.
    work.link.pause(request.key, {}, work.now, work.random);
  }
}

void on_bundles_refused(Work& work, const Request& request, const v1::Error& error) {
  if (error.first_contact()) tell_of_first_contacts(work, request.account, {error.retry_after_ms()});
  work.link.pause(request.key, DurationMs{error.retry_after_ms()}, work.now, work.random);
}

void handle_session_events(Work& work, const identity::DeviceAddress& device,
                           const std::vector<session::Event>& events) {
  using Kind = session::Event::Kind;
  for (const auto& event : events) {
    switch (event.kind) {
      case Kind::session_dead:
      case Kind::session_reset: resend_unconfirmed(work, device, event.session); break;
      case Kind::resend: resend_message(work, device, event.message); break;
      case Kind::pq_stalled:
        report_problem(work, v1::Problem::PEER_STUCK,
                       "a device does not answer post-quantum rekeying; messages to it heal no longer",
                       to_hex(device.device.view()));
        break;
      case Kind::session_started:
      case Kind::session_heard:
      case Kind::pq_epoch:
      case Kind::pq_step_ignored: break;
    }
  }
}

}  // namespace sotto::client

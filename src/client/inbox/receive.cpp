#include "client/inbox/receive.h"

#include <vector>

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/devices/aftermath.h"
#include "client/inbox/content.h"
#include "client/inbox/held.h"
#include "client/outbox/encrypt.h"
#include "client/outbox/queue.h"
#include "client/prekeys/upkeep.h"
#include "client/requests/standing.h"
#include "client/sms/texts.h"
#include "session/header.h"
#include "session/limits.h"
#include "session/wire_form.h"
#include "sotto/v1/session.pb.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Devices asked whether an unreadable envelope was theirs: those heard last are the likely ones, then those
/// that were only written to (after a restored backup they may know us better than we know them). Each costs
/// an envelope.
constexpr int kMaxReportedTo = 8;
/// Every hour as many more are asked, up to this.
constexpr int kMaxEverReportedTo = 64;
/// After this many messages without one back, a device that is only written to answers anyway: the ratchets
/// of its peer heal with answers only.
constexpr std::int64_t kAnswerAfter = 8;

/// Errors kept for devices that are not known yet, or that limits kept back; one counts for seven days at its
/// receiver.
constexpr std::int64_t kMaxUnread = 64;
constexpr DurationMs kUnreadLifetime = days(7);

/// What could not be told yet. After a rollback the sender may be nobody that this store knows: whoever is
/// heard for the first time within a week is asked as well. Of one session the newest will do: whoever is
/// told of them repeats all that it sent there.
void keep_unread(Work& work, const session::ErrorReport& report) {
  v1::SessionError error;
  session::to_wire(report, error);
  work.db.run("INSERT INTO unread_envelope (report, session, received_ms) VALUES (?1, ?2, ?3)",
              wire::encode(error), report.session.octets(), work.now);
  work.db.run("DELETE FROM unread_envelope WHERE id <= ?1", work.db.last_insert_id() - kMaxUnread);
  work.db.run(
      "DELETE FROM unread_envelope WHERE session = ?1 AND id NOT IN (SELECT id FROM unread_envelope"
      " WHERE session = ?1 ORDER BY id DESC LIMIT ?2)",
      report.session.octets(), session::kMaxErrorsPerSession);
}

/// True if the device is told now.
bool tell(Work& work, const session::PeerDevice& peer, const session::ErrorReport& unread) {
  const auto report = work.peers.get(peer.identity()).report(unread, work.now);
  if (report) queue_report(work, peer.address(), *report);
  return report.has_value();
}

std::vector<session::ErrorReport> kept_unread(Work& work) {
  std::vector<session::ErrorReport> out;
  store::Rows rows = work.db.query("SELECT report FROM unread_envelope ORDER BY id");
  while (rows.next()) {
    const Bytes octets = rows.octets(0);
    v1::SessionError error;
    const auto report = wire::decode(octets, octets.size(), error)
                            ? session::from_wire(error)
                            : err(session::SessionError::corrupt_record);
    if (!report) {
      work.db.report_damage();
      return {};
    }
    out.push_back(*report);
  }
  return out;
}

/// The relay does not say who sent an envelope that no session fits. The report is heeded only by who sent
/// exactly these octets, so it goes to the devices most likely to have: those heard last, then those only
/// written to.
std::vector<session::PeerDevice> likely_senders(store::Database& database, int most) {
  std::vector<identity::DeviceAddress> likely;
  {
    store::Rows rows = database.query(
        "SELECT account, device FROM peer_device ORDER BY heard_ms DESC NULLS LAST LIMIT ?1", most);
    while (rows.next()) likely.push_back({rows.id<identity::AccountId>(0), rows.id<identity::DeviceId>(1)});
  }
  std::vector<session::PeerDevice> out;
  for (const auto& address : likely) {
    if (auto peer = peer_device(database, address)) out.push_back(*std::move(peer));
  }
  return out;
}

void take_unreadable(Work& work, session::SessionError error, ByteView payload) {
  const auto unread = session::report_of(error, payload);
  if (!unread) return;
  keep_unread(work, *unread);
  for (const auto& peer : likely_senders(work.db, kMaxReportedTo)) tell(work, peer, *unread);
}

void refuse(Work& work, const session::PeerDevice& peer, const session::Refused& refused) {
  if (refused.error == session::SessionError::duplicate || refused.error == session::SessionError::replayed)
    return;
  if (refused.report) {
    tell(work, peer, *refused.report);
    if (!work.peers.get(peer.identity()).said(*refused.report)) keep_unread(work, *refused.report);
  }
  report_problem(work, v1::Problem::UNDECRYPTABLE, session::describe(refused.error),
                 to_hex(peer.device.view()));
}

/// What every opened message brings besides its content.
void take(Work& work, const session::PeerDevice& peer, session::Received received, bool was_init,
          ByteView shared_body) {
  if (note_heard(work.db, peer.address(), work.now)) {
    for (const auto& unread : kept_unread(work)) tell(work, peer, unread);
  }
  handle_session_events(work, peer.address(), received.events);
  if (received.gossip) compare_gossip(work, peer.account, *received.gossip);
  if (peer.account != work.self.account_id()) {
    work.db.run("UPDATE contact SET heard = 1 WHERE account = ?1 AND heard = 0", peer.account);
  }
  bool answered = false;
  const bool wordless = !received.content;
  if (received.content) {
    const auto security = work.peers.get(peer.identity()).security(work.now);
    answered = take_content(work, *std::move(received.content), security, shared_body);
  }
  if (answered) return;
  // Nothing else may come that the step could ride in.
  if (wordless && received.owes_step) return queue_protocol_parts(work, peer.address());
  std::int64_t unanswered = 0;
  {
    store::Rows rows = work.db.query("SELECT unanswered FROM peer_device WHERE account = ?1 AND device = ?2",
                                     peer.account, peer.device);
    if (rows.next()) unanswered = rows.integer(0);
  }
  // An INIT rides on everything its sender says until it hears back.
  if (!was_init && unanswered < kAnswerAfter) return;
  // A stranger does not learn from an answer that somebody is there.
  if (may_answer(work, peer.account)) queue_answer(work, peer.address());
}

void receive_in_session(Work& work, const identity::DeviceAddress& address, const Arrived& arrived,
                        bool is_init, Resolution resolution) {
  const auto peer = peer_device(work.db, address);
  if (!peer) {
    if (has_departed(work.db, address)) return;
    // Not in the newest manifest known: either it was removed, or a newer manifest is on its way.
    if (resolution == Resolution::may_hold) hold_envelope(work, address.account, arrived);
    return;
  }
  auto received = work.peers.get(peer->identity())
                      .receive(work.self.local(), *peer, arrived.payload, work.now, work.random);
  if (!received) {
    refuse(work, *peer, received.error());
    return;
  }
  take(work, *peer, *std::move(received), is_init, arrived.shared_body);
}

void receive_init(Work& work, const Arrived& arrived, Resolution resolution) {
  const ByteView payload = arrived.payload;
  session::PrekeyRing ring = load_ring(work.db);
  auto opened = session::open_init(work.self.local(), ring, payload);
  if (!opened) {
    const auto init = session::parse_init(payload);
    if (init && !ring.holds(init->bundle)) renew_prekeys(work);
    take_unreadable(work, opened.error(), payload);
    return;
  }
  const identity::DeviceAddress claimed{opened->claim.account, opened->claim.device};
  if (work.self.is(claimed)) return;
  const auto manifest = load_manifest(work.db, claimed.account);
  // A newer list than the one known here is fetched in time (compare_gossip), but a device that stands in
  // this one need not wait for it: what it says next, in a session that is known, would be shown before this.
  const bool unknown = !manifest || manifest->find(claimed.device) == nullptr;
  if (unknown && resolution == Resolution::may_hold) {
    mark_stale(work.db, claimed.account);
    hold_envelope(work, claimed.account, arrived);
    return;
  }
  const auto peer = manifest ? peer_device(*manifest, claimed.device) : std::nullopt;
  if (!peer) return;
  auto accepted =
      work.peers.get(peer->identity()).accept_init(work.self.local(), *peer, *opened, work.now, work.random);
  if (!accepted) {
    refuse(work, *peer, accepted.error());
    return;
  }
  ring.consume(accepted->use);
  save_ring(work.db, ring);
  take(work, *peer, std::move(accepted->received), true, arrived.shared_body);
}

}  // namespace

void receive_envelope(Work& work, const Arrived& arrived, Resolution resolution) {
  const auto peeked = session::peek(arrived.payload);
  if (!peeked) return;
  const bool is_init = peeked->type == session::WireType::init;
  if (const auto known = work.peers.find(peeked->session)) {
    receive_in_session(work, *known, arrived, is_init, resolution);
  } else if (is_init) {
    receive_init(work, arrived, resolution);
  } else {
    take_unreadable(work, session::SessionError::unknown_session, arrived.payload);
    report_problem(work, v1::Problem::UNDECRYPTABLE,
                   session::describe(session::SessionError::unknown_session));
  }
}

void report_again(Work& work) {
  work.db.run("DELETE FROM unread_envelope WHERE received_ms < ?1",
              UnixMs{work.now.value - std::min(work.now.value, kUnreadLifetime.value)});
  const auto kept = kept_unread(work);
  if (kept.empty()) return;
  int told = 0;
  for (const auto& peer : likely_senders(work.db, kMaxEverReportedTo)) {
    bool fresh = false;
    for (const auto& unread : kept) fresh |= tell(work, peer, unread);
    told += fresh ? 1 : 0;
    if (told == kMaxReportedTo) return;
  }
}

void on_deliver(Work& work, const v1::Deliver& deliver) {
  std::uint64_t last = 0;
  for (const auto& envelope : deliver.envelopes()) {
    if (envelope.gateway_event().empty()) {
      receive_envelope(work, {wire::octets(envelope.payload()), wire::octets(envelope.shared_body())},
                       Resolution::may_hold);
    } else {
      on_gateway_event(work, wire::octets(envelope.gateway_event()));
    }
    last = std::max(last, envelope.sequence());
  }
  const auto count = static_cast<std::uint64_t>(deliver.envelopes_size());
  work.link.delivered = work.now;
  work.link.undelivered -= std::min(work.link.undelivered, count);
  if (last == 0) return;
  v1::ClientFrame acknowledge;
  acknowledge.mutable_acknowledge()->set_sequence(last);
  work.link.notify(work.effects, acknowledge);
}

}  // namespace sotto::client

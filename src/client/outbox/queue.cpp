#include "client/outbox/queue.h"

#include <vector>

#include "client/conversations/author.h"
#include "client/conversations/timeline.h"
#include "client/groups/delivery.h"
#include "session/limits.h"
#include "session/wire_form.h"
#include "sotto/v1/session.pb.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// A session that dies repeats this much at most; what is older was most likely read before.
constexpr int kMaxResentAtOnce = 256;

std::optional<session::ErrorReport> decode_report(ByteView octets) {
  v1::SessionError error;
  if (!wire::decode(octets, octets.size(), error)) return std::nullopt;
  const auto report = session::from_wire(error);
  return report ? std::optional(*report) : std::nullopt;
}

OutboxItemId insert(Work& work, const Destination& destination, ByteView content, ByteView proof,
                    const std::optional<Bytes>& report) {
  work.db.run(
      "INSERT INTO outbox_item (account, device, message, content, proof, report, created_ms, heads, "
      "expires_ms, body, fanned_out, done)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, 0)",
      destination.account, destination.device, destination.message, content, proof, report, work.now,
      destination.heads, destination.expires, destination.body);
  return work.db.last_insert_id();
}

/// Whether what becomes of an item for `account` is what becomes of its message. A sent copy for own devices
/// says nothing of it, unless it is a note, which nobody else gets.
bool speaks_of(Work& work, const identity::AccountId& account, std::int64_t message) {
  if (account != work.self.account_id()) return true;
  store::Rows rows = work.db.query(
      "SELECT 1 FROM message m JOIN conversation v ON v.id = m.conversation WHERE m.id = ?1 AND v.kind = ?2",
      message, v1::Conversation::NOTES);
  return rows.next();
}

void reopen(Work& work, OutboxItemId item, const identity::DeviceAddress& device) {
  work.db.run(
      "UPDATE outbox_delivery SET accepted = 0, resent = resent + 1, wire = NULL WHERE item = ?1 AND account "
      "= ?2"
      " AND device = ?3",
      item, device.account, device.device);
  work.db.run("UPDATE outbox_item SET done = 0 WHERE id = ?1", item);
}

}  // namespace

OutboxItemId queue_content(Work& work, const Destination& destination,
                           const session::SignedContent& content) {
  v1::ContentProof proof;
  session::to_wire(content, proof);
  return insert(work, destination, content.content, wire::encode(proof), std::nullopt);
}

void queue_answer(Work& work, const identity::DeviceAddress& device) {
  {
    // What is encrypted already went or will go in a session that was chosen before this device was heard.
    store::Rows rows = work.db.query(
        "SELECT 1 FROM outbox_item o WHERE account = ?1 AND done = 0 AND (device IS NULL OR device = ?2)"
        " AND (fanned_out = 0 OR EXISTS (SELECT 1 FROM outbox_delivery d WHERE d.item = o.id"
        " AND d.account = ?1 AND d.device = ?2 AND d.accepted = 0 AND d.wire IS NULL))",
        device.account, device.device);
    if (rows.next()) return;
  }
  insert(work, {.account = device.account, .device = device.device}, {}, {}, std::nullopt);
}

void queue_protocol_parts(Work& work, const identity::DeviceAddress& device) {
  {
    store::Rows rows = work.db.query(
        "SELECT 1 FROM outbox_item o WHERE o.account = ?1 AND o.done = 0 AND (o.device IS NULL OR o.device = "
        "?2) AND NOT EXISTS (SELECT 1 FROM outbox_delivery d WHERE d.item = o.id AND d.account = ?1 AND"
        " d.device = ?2 AND (d.accepted = 1 OR d.wire IS NOT NULL))",
        device.account, device.device);
    if (rows.next()) return;
  }
  insert(work, {.account = device.account, .device = device.device}, {}, {}, std::nullopt);
}

void queue_report(Work& work, const identity::DeviceAddress& device, const session::ErrorReport& report) {
  v1::SessionError error;
  session::to_wire(report, error);
  insert(work, {.account = device.account, .device = device.device}, {}, {}, wire::encode(error));
}

Carried load_carried(store::Database& database, OutboxItemId item) {
  Carried carried;
  store::Rows rows = database.query("SELECT content, proof, report FROM outbox_item WHERE id = ?1", item);
  if (!rows.next()) return carried;
  const Bytes content = rows.octets(0);
  const Bytes proof_octets = rows.octets(1);
  if (!proof_octets.empty()) {
    v1::ContentProof proof;
    if (!wire::decode(proof_octets, proof_octets.size(), proof)) {
      database.report_damage();
      return carried;
    }
    auto signed_content = session::from_wire(proof, content);
    if (!signed_content) {
      database.report_damage();
      return carried;
    }
    carried.content = *std::move(signed_content);
  }
  if (!rows.is_null(2)) {
    carried.report = decode_report(rows.octets(2));
    if (!carried.report) database.report_damage();
  }
  return carried;
}

void settle_items(Work& work, const identity::AccountId& account) {
  std::vector<std::pair<OutboxItemId, std::optional<std::int64_t>>> settled;
  {
    store::Rows rows = work.db.query(
        "SELECT id, message FROM outbox_item o WHERE account = ?1 AND done = 0 AND fanned_out > 0 AND NOT "
        "EXISTS (SELECT 1 FROM outbox_delivery d INDEXED BY outbox_pending"
        " WHERE d.item = o.id AND d.accepted = 0)",
        account);
    while (rows.next()) {
      settled.emplace_back(rows.integer(0), rows.is_null(1) ? std::nullopt : std::optional(rows.integer(1)));
    }
  }
  for (const auto& [item, message] : settled) {
    work.db.run("UPDATE outbox_item SET done = 1, complete = 1 WHERE id = ?1", item);
    if (!message || !speaks_of(work, account, *message)) continue;
    if (!note_member(work, *message, account, {})) mark_sent(work, *message);
  }
}

void fail_item(Work& work, OutboxItemId item, std::string_view reason) {
  std::optional<std::int64_t> message;
  identity::AccountId account;
  {
    store::Rows rows = work.db.query("SELECT message, account FROM outbox_item WHERE id = ?1", item);
    if (!rows.next()) return;
    account = rows.id<identity::AccountId>(1);
    if (!rows.is_null(0) && speaks_of(work, rows.id<identity::AccountId>(1), rows.integer(0)))
      message = rows.integer(0);
  }
  work.db.run("UPDATE outbox_item SET done = 1 WHERE id = ?1", item);
  work.db.run("DELETE FROM outbox_delivery WHERE item = ?1 AND accepted = 0", item);
  if (message && !note_member(work, *message, account, reason)) mark_failed(work, *message, reason);
}

void fail_account(Work& work, const identity::AccountId& account, std::string_view reason) {
  std::vector<OutboxItemId> items;
  {
    store::Rows rows = work.db.query("SELECT id FROM outbox_item WHERE account = ?1 AND done = 0", account);
    while (rows.next()) items.push_back(rows.integer(0));
  }
  for (const OutboxItemId item : items) fail_item(work, item, reason);
}

void resend_message(Work& work, const identity::DeviceAddress& device, const session::WireHash& hash) {
  OutboxItemId item = 0;
  {
    // Not what waits to be encrypted again already.
    store::Rows rows = work.db.query(
        "SELECT item FROM outbox_delivery WHERE account = ?1 AND device = ?2 AND wire_hash = ?3"
        " AND resent < ?4 AND (accepted = 1 OR wire IS NOT NULL)",
        device.account, device.device, hash, session::kMaxResends);
    if (!rows.next()) return;
    item = rows.integer(0);
  }
  reopen(work, item, device);
}

void resend_unconfirmed(Work& work, const identity::DeviceAddress& device,
                        const session::SessionId& session) {
  std::vector<OutboxItemId> items;
  {
    store::Rows rows = work.db.query(
        "SELECT d.item FROM outbox_delivery d JOIN outbox_item o ON o.id = d.item WHERE d.account = ?1"
        " AND d.device = ?2 AND d.session = ?3 AND d.accepted = 1 AND d.resent < ?6"
        " AND (o.proof <> x'' OR o.report IS NOT NULL)"
        " AND o.created_ms >= ?4 AND NOT EXISTS (SELECT 1 FROM delivery y WHERE y.message = o.message"
        " AND y.account = d.account AND y.device = d.device) ORDER BY d.item LIMIT ?5",
        device.account, device.device, session.octets(),
        UnixMs{work.now.value - std::min(work.now.value, kKeepForResend.value)}, kMaxResentAtOnce,
        session::kMaxResends);
    while (rows.next()) items.push_back(rows.integer(0));
  }
  for (const OutboxItemId item : items) reopen(work, item, device);
  // What was encrypted and has not left yet belongs to the dead session too.
  work.db.run(
      "UPDATE outbox_delivery SET wire = NULL WHERE account = ?1 AND device = ?2 AND session = ?3 AND "
      "accepted = 0 AND wire IS NOT NULL",
      device.account, device.device, session.octets());
}

std::uint64_t unsent(store::Database& database) {
  store::Rows rows = database.query(
      "SELECT (SELECT count(*) FROM message WHERE state = ?1) + (SELECT count(*) FROM composed WHERE message"
      " IS NULL) + (SELECT count(*) FROM outbox_item o JOIN "
      "contact c"
      " ON c.account = o.account WHERE o.done = 0 AND o.message IS NULL AND c.changed_fingerprint IS NULL)"
      " + (SELECT count(*) FROM report_due WHERE refused = '')",
      v1::Message::QUEUED);
  return rows.next() ? rows.count(0) : 0;
}

void expire_outbox(Work& work) {
  const UnixMs oldest{work.now.value - std::min(work.now.value, kKeepForResend.value)};
  work.db.run("DELETE FROM outbox_item WHERE done = 1 AND created_ms < ?1", oldest);
}

}  // namespace sotto::client

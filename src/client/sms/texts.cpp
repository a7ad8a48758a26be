#include "client/sms/texts.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/entry.h"
#include "client/conversations/timeline.h"
#include "client/families/records.h"
#include "client/groups/guests.h"
#include "client/sms/guest_texts.h"
#include "client/sync/own_words.h"
#include "client/sync/registers.h"
#include "identity/handle.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using Write = v1::SyncEvent::Write;

/// Waiting for their answers at once; the rest follows.
constexpr int kMaxSubmitted = 16;
/// A text with everything around it.
constexpr std::size_t kMaxGatewayEvent = 16 * 1024;
constexpr std::string_view kUndelivered = "the telephone network did not deliver the text";

RequestKey sms_key(const session::MessageId& message) { return {RequestKind::sms, to_bytes(message)}; }

struct Queued {
  std::int64_t row;
  session::MessageId id;
  std::string text;
  std::string number;
};

std::vector<Queued> queued_texts(store::Database& database, int limit) {
  std::vector<Queued> out;
  store::Rows rows = database.query(
      "SELECT m.id, m.msg_id, m.body, p.number FROM message m JOIN sms_peer p ON p.conversation = "
      "m.conversation"
      " WHERE m.state = 1 AND m.outgoing = 1 ORDER BY m.id LIMIT ?1",
      limit);
  while (rows.next()) out.push_back({rows.integer(0), rows.array<16>(1), rows.text(2), rows.text(3)});
  return out;
}

std::optional<std::int64_t> own_text(store::Database& database, const session::MessageId& id) {
  store::Rows rows = database.query(
      "SELECT m.id FROM message m JOIN sms_peer p ON p.conversation = m.conversation WHERE m.msg_id = ?1 AND"
      " m.outgoing = 1",
      id);
  return rows.next() ? std::optional(rows.integer(0)) : std::nullopt;
}

UnixMs newest_in(store::Database& database, ConversationRow conversation) {
  store::Rows rows =
      database.query("SELECT coalesce(max(sort_ms), 0) FROM message WHERE conversation = ?1", conversation);
  return rows.next() ? rows.time(0) : UnixMs{};
}

void show_text(Work& work, const SmsPeer& peer, const TextRow& text, std::string_view words) {
  if (const auto row = insert_text(work, peer.conversation, text, words)) announce_message(work, *row);
}

bool is_blocked(Work& work, std::string_view number) {
  return number_of(work.db, Write::BLOCKED, sms_subject(number)) != 0;
}

void take_received(Work& work, const v1::SmsReceived& received) {
  const auto number = identity::Handle::phone(received.from());
  const bool sound = number && received.id().size() == 16;
  if (!sound || is_blocked(work, number->text())) return;
  if (take_guest_reply(work, number->text(), received)) return;
  const std::string words = received.text() + (received.cut() ? " [...]" : "");
  show_text(work, ensure_sms_peer(work.db, number->text()),
            {.id = to_array<16>(wire::octets(received.id())),
             .sender = sms_sender(number->text()),
             .device = {},
             .sent = work.now,
             .outgoing = false},
            words);
}

/// Of a text to a guest.
void take_guest_report(Work& work, const session::MessageId& text, v1::SmsReport::State state) {
  switch (state) {
    case v1::SmsReport::AT_CARRIER: note_guest_text(work, text, v1::Message::SENT, {}); return;
    case v1::SmsReport::DELIVERED: note_guest_text(work, text, v1::Message::DELIVERED, {}); return;
    case v1::SmsReport::FAILED: note_guest_text(work, text, v1::Message::FAILED, kUndelivered); return;
    default: return;
  }
}

void take_report(Work& work, const v1::SmsReport& report) {
  if (report.id().size() != 16) return;
  const auto id = to_array<16>(wire::octets(report.id()));
  const auto row = own_text(work.db, id);
  if (!row) return take_guest_report(work, id, report.state());
  switch (report.state()) {
    case v1::SmsReport::AT_CARRIER:
      work.db.run("UPDATE message SET state = ?2 WHERE id = ?1 AND state = ?3", *row, v1::Message::SENT,
                  v1::Message::QUEUED);
      break;
    case v1::SmsReport::DELIVERED:
      work.db.run("UPDATE message SET state = ?2 WHERE id = ?1 AND state IN (?3, ?4)", *row,
                  v1::Message::DELIVERED, v1::Message::QUEUED, v1::Message::SENT);
      break;
    case v1::SmsReport::FAILED: return mark_failed(work, *row, kUndelivered);
    default: return;  // nothing was heard of it: it stays sent
  }
  if (work.db.changes() > 0) announce_message(work, *row);
}

/// Everything that still waits for the number.
void fail_queued_texts(Work& work, const SmsPeer& peer, std::string_view reason) {
  std::vector<std::int64_t> waiting;
  {
    store::Rows rows =
        work.db.query("SELECT id FROM message WHERE conversation = ?1 AND state = 1", peer.conversation);
    while (rows.next()) waiting.push_back(rows.integer(0));
  }
  for (const std::int64_t row : waiting) mark_failed(work, row, reason);
}

v1::SmsPermission permission_record(std::string_view number, bool allowed, UnixMs decided) {
  v1::SmsPermission record;
  record.set_number(std::string(number));
  record.set_conversation(std::string(kSmsPrefix).append(number));
  record.set_allowed(allowed);
  record.set_decided_ms(decided.value);
  return record;
}

}  // namespace

Result<v1::SmsPermission, ComposeError> set_sms_permission(Work& work, std::string_view typed, bool allowed) {
  if (!work.self.ready()) return err(ComposeError::not_registered);
  const std::string_view bare = typed.starts_with(kSmsPrefix) ? typed.substr(kSmsPrefix.size()) : typed;
  const auto number = identity::Handle::phone(bare);
  if (!number) return err(ComposeError::bad_handle);
  if (allowed && guardian_of(work.db)) return err(ComposeError::family_stranger);
  const SmsPeer peer = ensure_sms_peer(work.db, number->text());
  write_register(work, Write::SMS_ALLOWED, sms_subject(number->text()), allowed ? 1 : 0, number->text());
  if (!allowed) {
    fail_queued_texts(work, peer, "texts to this number are no longer allowed");
    dismiss_guest(work, number->text());
  }
  return permission_record(number->text(), allowed, work.now);
}

std::vector<v1::SmsPermission> sms_permissions(store::Database& database) {
  std::vector<v1::SmsPermission> out;
  store::Rows rows = database.query(
      "SELECT text, number, time_ms FROM register WHERE kind = ?1 ORDER BY text", Write::SMS_ALLOWED);
  while (rows.next()) out.push_back(permission_record(rows.text(0), rows.flag(1), rows.time(2)));
  return out;
}

Result<session::MessageId, ComposeError> compose_sms(Work& work, const ConversationRecord& conversation,
                                                     const v1::Content& content) {
  const auto peer = sms_peer_of(work.db, conversation.id);
  const bool plain = content.has_text() && !content.has_reply_to() && content.text().spans().empty() &&
                     !content.text().has_preview();
  if (!peer || !plain) return err(ComposeError::sms_text_only);
  if (!sms_allowed(work.db, peer->number)) return err(ComposeError::sms_not_allowed);
  if (group_of_guest(work, peer->number)) return err(ComposeError::sms_guest);
  return queue_text(work, *peer, content.text().body());
}

session::MessageId queue_text(Work& work, const SmsPeer& peer, std::string_view words) {
  const auto id = work.random.array<16>();
  const Entry entry{
      .kind = v1::Message::TEXT, .body = std::string(words), .detail = {}, .target = {}, .expires = {}};
  announce_message(work, insert_composed(work, peer.conversation, id, entry));
  return id;
}

std::optional<std::int64_t> insert_text(Work& work, ConversationRow conversation, const TextRow& text,
                                        std::string_view words) {
  const UnixMs sort = std::max(work.now, newest_in(work.db, conversation) + DurationMs{1});
  work.db.run(
      "INSERT OR IGNORE INTO message (conversation, msg_id, sender_account, sender_device, sent_ms, "
      "received_ms,"
      " sort_ms, body, outgoing, state, failure, pq_level, authentication, verified, last_rekey_ms, kind,"
      " expires_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, '', 0, 0, 0, 0, ?11, ?12)",
      conversation, text.id, text.sender, text.device, text.sent, work.now, sort, words, text.outgoing,
      text.outgoing ? v1::Message::SENT : v1::Message::RECEIVED, v1::Message::TEXT, text.expires);
  return work.db.changes() > 0 ? std::optional(work.db.last_insert_id()) : std::nullopt;
}

bool fall_back_to_sms(Work& work, const ContactRecord& contact, std::string_view handle) {
  const auto number = identity::Handle::phone(handle);
  // Whoever was an account once does not become a number because a server says so.
  if (!number || contact.account || !sms_allowed(work.db, number->text())) return false;
  // What it answered would be said in the group.
  if (group_of_guest(work, number->text())) return false;
  const auto from = find_direct(work.db, contact.id);
  if (!from) return false;
  struct Waiting {
    std::int64_t row;
    v1::Content content;
  };
  std::vector<Waiting> waiting;
  {
    store::Rows rows = work.db.query(
        "SELECT message, content FROM composed WHERE conversation = ?1 AND message IS NOT NULL AND message "
        "NOT IN"
        " (SELECT message FROM requirement)",
        from->id);
    while (rows.next()) {
      Waiting& one = waiting.emplace_back(Waiting{rows.integer(0), {}});
      const Bytes octets = rows.octets(1);
      if (!wire::decode(octets, octets.size(), one.content)) work.db.report_damage();
    }
  }
  const SmsPeer peer = ensure_sms_peer(work.db, number->text());
  for (const Waiting& one : waiting) {
    const bool plain = one.content.has_text() && !one.content.has_reply_to() &&
                       one.content.text().spans().empty() && one.content.expires_ms() == 0;
    if (!plain) continue;
    work.db.run("UPDATE message SET conversation = ?2 WHERE id = ?1", one.row, peer.conversation);
    work.db.run("DELETE FROM composed WHERE message = ?1", one.row);
    announce_message(work, one.row);
  }
  // What cannot go as a text has failed like anything to nobody.
  fail_queued_messages(work, contact.id, "there is no such user, and a text message cannot carry this");
  work.db.run("UPDATE contact SET wanted = 0 WHERE id = ?1", contact.id);
  return true;
}

void submit_sms(Work& work) {
  for (const Queued& text : queued_texts(work.db, kMaxSubmitted)) {
    if (!work.link.may(sms_key(text.id), work.now)) continue;
    v1::ClientFrame frame;
    frame.mutable_send_sms()->set_number(text.number);
    frame.mutable_send_sms()->set_text(text.text);
    frame.mutable_send_sms()->set_id(wire::field(text.id));
    work.link.send(work.effects, frame,
                   {.key = sms_key(text.id), .account = {}, .handle = {}, .bundles = {}, .submitted = {}});
  }
}

void on_sms_sent(Work& work, const Request& request, const v1::SmsSent&) {
  work.link.succeeded(request.key);
  const auto id = to_array<16>(request.key.subject);
  if (note_guest_text(work, id, v1::Message::SENT, {})) return;
  const auto row = own_text(work.db, id);
  if (!row) return;
  work.db.run("UPDATE message SET state = ?2 WHERE id = ?1 AND state = ?3", *row, v1::Message::SENT,
              v1::Message::QUEUED);
  if (work.db.changes() == 0) return;
  announce_message(work, *row);
  store::Rows rows = work.db.query(
      "SELECT p.number, m.body, m.sent_ms FROM message m JOIN sms_peer p ON p.conversation = m.conversation"
      " WHERE m.id = ?1",
      *row);
  if (!rows.next()) return;
  v1::Content content;
  auto& copy = *content.mutable_sync()->mutable_sms_sent();
  copy.set_number(rows.text(0));
  copy.set_text(rows.text(1));
  copy.set_sent_ms(rows.count(2));
  copy.set_id(wire::field(id));
  tell_own_devices(work, content);
}

void on_sms_refused(Work& work, const Request& request, const v1::Error& error) {
  if (error.retry_after_ms() > 0 || error.code() == v1::Error::INTERNAL) {
    return work.link.pause(request.key, DurationMs{error.retry_after_ms()}, work.now, work.random);
  }
  work.link.succeeded(request.key);
  const auto id = to_array<16>(request.key.subject);
  const auto row = own_text(work.db, id);
  if (row) mark_failed(work, *row, error.detail());
  if (!row && !note_guest_text(work, id, v1::Message::FAILED, error.detail())) return;
  if (!row && error.code() == v1::Error::SMS_STOPPED) guest_wants_no_more(work, id);
  report_problem(work, v1::Problem::SMS_REFUSED, "the server did not send the text: " + error.detail(),
                 to_hex(id));
}

void on_gateway_event(Work& work, ByteView octets) {
  v1::GatewayEvent event;
  // One of a later server, or nothing that could be shown.
  if (!wire::decode(octets, kMaxGatewayEvent, event)) return;
  if (event.has_received()) return take_received(work, event.received());
  if (event.has_report()) return take_report(work, event.report());
}

void take_sms_copy(Work& work, const session::VerifiedContent& content, const v1::SyncEvent::SmsCopy& copy) {
  const auto number = identity::Handle::phone(copy.number());
  if (!number || copy.id().size() != 16) return;
  show_text(work, ensure_sms_peer(work.db, number->text()),
            {.id = to_array<16>(wire::octets(copy.id())),
             .sender = work.self.account_id(),
             .device = content.author.device,
             .sent = UnixMs{std::min(copy.sent_ms(), work.now.value)},
             .outgoing = true},
            copy.text());
}

}  // namespace sotto::client

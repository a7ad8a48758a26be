#include "client/conversations/timeline.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/conversations/actions.h"
#include "client/conversations/author.h"
#include "client/conversations/records.h"
#include "client/transparency/log_records.h"
#include "client/verification/state.h"

namespace sotto::client {
namespace {

/// What holds for the contact of a conversation now.
v1::Verification verification_in(Work& work, ConversationRow conversation) {
  const auto record = load_conversation(work.db, conversation);
  const auto found = record && record->contact ? find_contact(work.db, *record->contact) : std::nullopt;
  return found ? verification_of(*found) : v1::VERIFICATION_UNSPECIFIED;
}

/// Numbers between two messages that may still arrive and need a place of their own in the timeline.
constexpr std::uint64_t kMaxReserved = 1000;

/// Milliseconds between two numbers of one device. A new run skips numbers that nobody will ever use.
std::uint64_t reserved(std::uint64_t from, std::uint64_t to) {
  return from >> 32 == to >> 32 ? std::min(to - from, kMaxReserved) : 1;
}

std::optional<identity::AccountId> target_account(const Entry& entry) {
  return entry.target ? std::optional(entry.target->account) : std::nullopt;
}
std::optional<session::MessageId> target_message(const Entry& entry) {
  return entry.target ? std::optional(entry.target->id) : std::nullopt;
}

struct Neighbour {
  std::uint64_t sequence;
  UnixMs sort;
};

std::optional<Neighbour> neighbour(store::Rows rows) {
  if (!rows.next()) return std::nullopt;
  return Neighbour{rows.count(0), rows.time(1)};
}

/// Where a message stands in the timeline: when its sender says, but never before what the same device sent
/// earlier, never after what it sent later (each number keeps a millisecond of its own), and never in the
/// future.
UnixMs sort_time(Work& work, std::int64_t conversation, const identity::DeviceId& device,
                 std::uint64_t sequence, UnixMs sent) {
  const auto before = neighbour(work.db.query(
      "SELECT sender_sequence, sort_ms FROM message WHERE conversation = ?1 AND sender_device = ?2"
      " AND sender_sequence < ?3 ORDER BY sender_sequence DESC LIMIT 1",
      conversation, device, sequence));
  const auto after = neighbour(work.db.query(
      "SELECT sender_sequence, sort_ms FROM message WHERE conversation = ?1 AND sender_device = ?2"
      " AND sender_sequence > ?3 ORDER BY sender_sequence LIMIT 1",
      conversation, device, sequence));
  std::uint64_t sort = std::min(sent, work.now).value;
  if (before) sort = std::max(sort, before->sort.value + reserved(before->sequence, sequence));
  if (after) sort = std::min(sort, after->sort.value - reserved(sequence, after->sequence));
  return {sort};
}

}  // namespace

std::int64_t insert_composed(Work& work, ConversationRow conversation, const session::MessageId& message_id,
                             const Entry& entry) {
  UnixMs sort = work.now;
  {
    store::Rows rows = work.db.query(
        "SELECT sort_ms FROM message WHERE conversation = ?1 AND sender_device = ?2 AND system = 0"
        " ORDER BY sort_ms DESC LIMIT 1",
        conversation, work.self.device.id);
    if (rows.next()) sort = std::max(sort, rows.time(0) + DurationMs{1});
  }
  work.db.run(
      "INSERT INTO message (conversation, msg_id, sender_account, sender_device, sent_ms, received_ms, "
      "sort_ms, body,"
      " outgoing, state, failure, pq_level, authentication, verified, last_rekey_ms, kind, detail,"
      " target_account, target_message, expires_ms)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, 1, ?8, '', 0, ?9, ?10, 0, ?11, ?12, ?13, ?14, ?15)",
      conversation, message_id, work.self.account_id(), work.self.device.id, work.now, sort,
      std::string_view(entry.body), v1::Message::QUEUED, v1::SecurityState::HYBRID,
      v1::VERIFICATION_UNSPECIFIED, entry.kind, entry.detail, target_account(entry), target_message(entry),
      entry.expires);
  return work.db.last_insert_id();
}

void mark_signed(Work& work, std::int64_t message, const session::SignedContent& content) {
  std::int64_t conversation = 0;
  {
    store::Rows rows = work.db.query("SELECT conversation FROM message WHERE id = ?1", message);
    if (rows.next()) conversation = rows.integer(0);
  }
  work.db.run("UPDATE message SET sender_sequence = ?2, content_hash = ?3, verified = ?4 WHERE id = ?1",
              message, content.facts.sender_seq, content_hash(content.content),
              verification_in(work, conversation));
}

std::optional<std::int64_t> insert_received(Work& work, const session::VerifiedContent& content,
                                            ConversationRow conversation, const Entry& entry,
                                            const session::SecurityState& security) {
  // A guest's words are nobody's own, though this account brought them.
  const bool outgoing = content.author.account == work.self.account_id() && !entry.by_guest;
  const UnixMs sort =
      sort_time(work, conversation, content.author.device, content.facts.sender_seq, content.facts.sent);
  work.db.run(
      "INSERT OR IGNORE INTO message (conversation, msg_id, sender_account, sender_device, sender_sequence, "
      "sent_ms,"
      " received_ms, sort_ms, content_hash, body, outgoing, state, failure, pq_level, authentication, "
      "verified,"
      " last_rekey_ms, proof_size, kind, detail, target_account, target_message, expires_ms) VALUES (?1, ?2, "
      "?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, '', ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)",
      conversation, content.facts.message_id, content.author.account, content.author.device,
      content.facts.sender_seq, content.facts.sent, work.now, sort, content.content_hash,
      std::string_view(entry.body), outgoing, outgoing ? v1::Message::SENT : v1::Message::RECEIVED,
      pq_level(security), v1::SecurityState::HYBRID, verification_in(work, conversation), security.last_rekey,
      proven_size(work.db, content.author.account), entry.kind, entry.detail, target_account(entry),
      target_message(entry), entry.expires);
  if (work.db.changes() == 0) return std::nullopt;
  const std::int64_t row = work.db.last_insert_id();
  const MessageKey key{content.author.account, content.facts.message_id};
  return settle_message(work, conversation, key) ? std::optional(row) : std::nullopt;
}

void mark_sent(Work& work, std::int64_t message) {
  work.db.run(
      "UPDATE message SET state = iif(state = ?3, ?2, state), proof_size = coalesce((SELECT l.size FROM"
      " conversation v JOIN contact c ON c.id = v.contact JOIN log_label l ON l.subject = c.account"
      " WHERE v.id = message.conversation), 0), (pq_level, last_rekey_ms) = (SELECT "
      "coalesce(min(p.pq_level), 0),"
      " coalesce(min(p.last_rekey_ms), 0) FROM outbox_item o JOIN outbox_delivery d ON d.item = o.id"
      " JOIN peer_device p ON p.account = d.account AND p.device = d.device WHERE o.message = message.id)"
      " WHERE id = ?1 AND state IN (?3, ?4, ?5)",
      message, v1::Message::SENT, v1::Message::QUEUED, v1::Message::DELIVERED, v1::Message::READ);
  if (work.db.changes() > 0) announce_message(work, message);
}

void mark_failed(Work& work, std::int64_t message, std::string_view reason) {
  work.db.run("UPDATE message SET state = ?2, failure = ?3 WHERE id = ?1 AND state IN (?4, ?5)", message,
              v1::Message::FAILED, reason, v1::Message::QUEUED, v1::Message::SENT);
  if (work.db.changes() > 0) announce_message(work, message);
}

void fail_queued_messages(Work& work, ContactId contact, std::string_view reason) {
  const auto conversation = find_direct(work.db, contact);
  if (!conversation) return;
  std::vector<std::int64_t> failed;
  {
    store::Rows rows = work.db.query(
        "SELECT message FROM composed WHERE conversation = ?1 AND message IS NOT NULL", conversation->id);
    while (rows.next()) failed.push_back(rows.integer(0));
  }
  work.db.run("DELETE FROM composed WHERE conversation = ?1", conversation->id);
  for (const std::int64_t message : failed) mark_failed(work, message, reason);
}

void mark_delivered(Work& work, const identity::DeviceAddress& device, const session::MessageId& message_id,
                    ByteView hash) {
  std::int64_t message = 0;
  {
    store::Rows rows = work.db.query(
        "SELECT m.id, m.content_hash FROM message m JOIN conversation v ON v.id = m.conversation"
        " LEFT JOIN contact c ON c.id = v.contact WHERE m.msg_id = ?1 AND m.outgoing = 1 AND (c.account = ?2 "
        "OR"
        " EXISTS (SELECT 1 FROM group_delivery g WHERE g.message = m.id AND g.account = ?2))",
        message_id, device.account);
    if (!rows.next()) return;
    message = rows.integer(0);
    if (rows.octets(1) != to_bytes(hash)) {
      report_problem(work, v1::Problem::CONTENT_REFUSED,
                     "a device of the recipient says it got another text than this one", to_hex(message_id));
      return;
    }
  }
  work.db.run(
      "INSERT OR IGNORE INTO delivery (message, account, device, delivered_ms) VALUES (?1, ?2, ?3, ?4)",
      message, device.account, device.device, work.now);
  if (work.db.changes() == 0) return;
  work.db.run("UPDATE message SET state = ?2 WHERE id = ?1 AND state IN (?3, ?4)", message,
              v1::Message::DELIVERED, v1::Message::QUEUED, v1::Message::SENT);
  announce_message(work, message);
}

void expire_messages(Work& work) {
  std::vector<std::int64_t> gone;
  {
    store::Rows rows = work.db.query(
        "SELECT id FROM message WHERE expires_ms > 0 AND expires_ms <= ?1 ORDER BY id", work.now);
    while (rows.next()) gone.push_back(rows.integer(0));
  }
  for (const std::int64_t message : gone) {
    announce_erased(work, message);
    work.db.run("DELETE FROM message WHERE id = ?1", message);
  }
  work.db.run("DELETE FROM message_action WHERE expires_ms > 0 AND expires_ms <= ?1", work.now);
  work.db.run("DELETE FROM outbox_item WHERE expires_ms > 0 AND expires_ms <= ?1", work.now);
}

std::optional<UnixMs> next_expiry(store::Database& database) {
  store::Rows rows = database.query(
      "SELECT min(due) FROM (SELECT min(expires_ms) AS due FROM message WHERE expires_ms > 0 UNION ALL"
      " SELECT min(expires_ms) FROM message_action WHERE expires_ms > 0 UNION ALL"
      " SELECT min(expires_ms) FROM outbox_item WHERE expires_ms > 0)");
  if (!rows.next() || rows.is_null(0)) return std::nullopt;
  return rows.time(0);
}

void announce_erased(Work& work, std::int64_t message) {
  store::Rows rows = work.db.query("SELECT msg_id, conversation FROM message WHERE id = ?1", message);
  if (!rows.next()) return;
  auto* erased = work.effects.events.emplace_back().mutable_erased();
  erased->set_message_id(to_hex(rows.octets(0)));
  if (const auto record = load_conversation(work.db, rows.integer(1))) {
    erased->set_conversation(conversation_name(work.db, work.self, *record));
  }
}

void announce_message(Work& work, std::int64_t message) {
  if (auto record = message_record(work.db, work.self, message)) {
    *work.effects.events.emplace_back().mutable_message() = *std::move(record);
  }
}

void announce_contact(Work& work, ContactId contact) {
  if (const auto known = find_contact(work.db, contact)) {
    *work.effects.events.emplace_back().mutable_contact() = contact_record(work.db, *known);
  }
}

void announce_conversation(Work& work, ByteView subject) {
  const auto conversation = find_by_subject(work.db, work.self, subject);
  if (!conversation) return;
  *work.effects.events.emplace_back().mutable_conversation() =
      conversation_record(work.db, work.self, *conversation, work.now);
}

}  // namespace sotto::client

#include "client/conversations/timeline.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/conversations/author.h"
#include "client/conversations/records.h"
#include "client/transparency/log_records.h"
#include "client/verification/state.h"

namespace sotto::client {
namespace {

/// What holds for the contact of a conversation now.
v1::Verification verification_in(Work& work, std::int64_t conversation) {
  ContactId contact = 0;
  {
    store::Rows rows = work.db.query("SELECT contact FROM conversation WHERE id = ?1", conversation);
    if (rows.next()) contact = rows.integer(0);
  }
  const auto found = find_contact(work.db, contact);
  return found ? verification_of(*found) : v1::VERIFICATION_UNSPECIFIED;
}

/// Numbers between two messages that may still arrive and need a place of their own in the timeline.
constexpr std::uint64_t kMaxReserved = 1000;

/// Milliseconds between two numbers of one device. A new run skips numbers that nobody will ever use.
std::uint64_t reserved(std::uint64_t from, std::uint64_t to) {
  return from >> 32 == to >> 32 ? std::min(to - from, kMaxReserved) : 1;
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

std::int64_t insert_composed(Work& work, std::int64_t conversation, const session::MessageId& message_id,
                             std::string_view text) {
  UnixMs sort = work.now;
  {
    store::Rows rows = work.db.query(
        "SELECT sort_ms FROM message WHERE conversation = ?1 AND sender_device = ?2"
        " ORDER BY sort_ms DESC LIMIT 1",
        conversation, work.self.device.id);
    if (rows.next()) sort = std::max(sort, rows.time(0) + DurationMs{1});
  }
  work.db.run(
      "INSERT INTO message (conversation, msg_id, sender_account, sender_device, sent_ms, received_ms, "
      "sort_ms, body,"
      " outgoing, state, failure, pq_level, authentication, verified, last_rekey_ms)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, 1, ?8, '', 0, ?9, ?10, 0)",
      conversation, message_id, work.self.account_id(), work.self.device.id, work.now, sort, text,
      v1::Message::QUEUED, v1::SecurityState::HYBRID, v1::VERIFICATION_UNSPECIFIED);
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
                                            const identity::AccountId& peer, std::string_view text,
                                            const session::SecurityState& security) {
  const bool outgoing = content.author.account == work.self.account_id();
  const std::int64_t conversation = ensure_conversation(work.db, ensure_contact(work.db, peer, work.now).id);
  const UnixMs sort =
      sort_time(work, conversation, content.author.device, content.facts.sender_seq, content.facts.sent);
  work.db.run(
      "INSERT OR IGNORE INTO message (conversation, msg_id, sender_account, sender_device, sender_sequence, "
      "sent_ms,"
      " received_ms, sort_ms, content_hash, body, outgoing, state, failure, pq_level, authentication, "
      "verified,"
      " last_rekey_ms, proof_size) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, '', ?13, ?14, "
      "?15,"
      " ?16, ?17)",
      conversation, content.facts.message_id, content.author.account, content.author.device,
      content.facts.sender_seq, content.facts.sent, work.now, sort, content.content_hash, text, outgoing,
      outgoing ? v1::Message::SENT : v1::Message::RECEIVED, pq_level(security), v1::SecurityState::HYBRID,
      verification_in(work, conversation), security.last_rekey, proven_size(work.db, content.author.account));
  if (work.db.changes() == 0) return std::nullopt;
  return work.db.last_insert_id();
}

void mark_sent(Work& work, std::int64_t message) {
  work.db.run(
      "UPDATE message SET state = iif(state = ?3, ?2, state), proof_size = coalesce((SELECT l.size FROM"
      " conversation v JOIN contact c ON c.id = v.contact JOIN log_label l ON l.subject = c.account"
      " WHERE v.id = message.conversation), 0), (pq_level, last_rekey_ms) = (SELECT "
      "coalesce(min(p.pq_level), 0),"
      " coalesce(min(p.last_rekey_ms), 0) FROM outbox_item o JOIN outbox_delivery d ON d.item = o.id"
      " JOIN peer_device p ON p.account = d.account AND p.device = d.device WHERE o.message = message.id)"
      " WHERE id = ?1 AND state IN (?3, ?4)",
      message, v1::Message::SENT, v1::Message::QUEUED, v1::Message::DELIVERED);
  if (work.db.changes() > 0) announce_message(work, message);
}

void mark_failed(Work& work, std::int64_t message, std::string_view reason) {
  work.db.run("UPDATE message SET state = ?2, failure = ?3 WHERE id = ?1 AND state IN (?4, ?5)", message,
              v1::Message::FAILED, reason, v1::Message::QUEUED, v1::Message::SENT);
  if (work.db.changes() > 0) announce_message(work, message);
}

std::vector<ContactId> unsent_contacts(store::Database& database) {
  std::vector<ContactId> out;
  store::Rows rows = database.query(
      "WITH RECURSIVE next (conversation) AS (SELECT min(conversation) FROM message INDEXED BY "
      "message_unsigned"
      " WHERE sender_sequence IS NULL AND state = 1 UNION ALL SELECT (SELECT min(m.conversation) FROM "
      "message m"
      " INDEXED BY message_unsigned WHERE m.sender_sequence IS NULL AND m.state = 1"
      " AND m.conversation > next.conversation) FROM next WHERE next.conversation IS NOT NULL)"
      " SELECT v.contact FROM next JOIN conversation v ON v.id = next.conversation");
  while (rows.next()) out.push_back(rows.integer(0));
  return out;
}

void fail_queued_messages(Work& work, ContactId contact, std::string_view reason) {
  std::vector<std::int64_t> failed;
  {
    store::Rows rows = work.db.query(
        "SELECT m.id FROM message m JOIN conversation v ON v.id = m.conversation"
        " WHERE v.contact = ?1 AND m.sender_sequence IS NULL AND m.state = ?2",
        contact, v1::Message::QUEUED);
    while (rows.next()) failed.push_back(rows.integer(0));
  }
  for (const std::int64_t message : failed) mark_failed(work, message, reason);
}

void mark_delivered(Work& work, const identity::DeviceAddress& device, const session::MessageId& message_id,
                    ByteView hash) {
  std::int64_t message = 0;
  {
    store::Rows rows = work.db.query(
        "SELECT m.id, m.content_hash FROM message m JOIN conversation v ON v.id = m.conversation"
        " JOIN contact c ON c.id = v.contact WHERE m.msg_id = ?1 AND m.outgoing = 1 AND c.account = ?2",
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

}  // namespace sotto::client

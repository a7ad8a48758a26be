#include "client/conversations/actions.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/conversations/text_rules.h"
#include "client/conversations/timeline.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// The text before the first edit: lower than any edit, whatever the clocks said.
constexpr UnixMs kOriginal{0};

bool has_action(store::Database& database, ConversationRow conversation, const MessageKey& key,
                Action action) {
  store::Rows rows = database.query(
      "SELECT 1 FROM message_action WHERE conversation = ?1 AND target_message = ?2 AND target_account = ?3"
      " AND kind = ?4",
      conversation, key.id, key.account, action);
  return rows.next();
}

void insert_action(Work& work, ConversationRow conversation, const Said& said, ByteView slot, bool pending) {
  work.db.run(
      "INSERT INTO message_action (conversation, target_account, target_message, kind, actor, slot, time_ms,"
      " stamp, text, detail, received_ms, expires_ms, pending)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
      " ON CONFLICT (conversation, target_message, target_account, kind, actor, slot) DO UPDATE SET"
      " time_ms = ?7, stamp = ?8, text = ?9, detail = ?10, received_ms = ?11, expires_ms = ?12",
      conversation, said.target.account, said.target.id, said.action, said.actor, slot, said.time, said.stamp,
      std::string_view(said.text), said.detail, work.now, said.expires, pending);
}

/// Whether it counts beside what the same actor said before. The first reading counts, of all else the
/// newest.
bool prevails(store::Database& database, ConversationRow conversation, const Said& said) {
  store::Rows rows = database.query(
      "SELECT time_ms, stamp FROM message_action WHERE conversation = ?1 AND target_message = ?2"
      " AND target_account = ?3 AND kind = ?4 AND actor = ?5 AND slot = x''",
      conversation, said.target.id, said.target.account, said.action, said.actor);
  if (!rows.next()) return true;
  const auto known = std::pair(rows.time(0), rows.array<16>(1));
  const auto fresh = std::pair(said.time, said.stamp);
  return said.action == Action::read ? fresh < known : fresh > known;
}

void trim_edits(Work& work, ConversationRow conversation, const MessageKey& key) {
  work.db.run(
      "DELETE FROM message_action WHERE conversation = ?1 AND target_message = ?2 AND target_account = ?3"
      " AND kind = ?4 AND time_ms > 0 AND slot NOT IN (SELECT slot FROM message_action WHERE conversation = "
      "?1"
      " AND target_message = ?2 AND target_account = ?3 AND kind = ?4 ORDER BY time_ms DESC, stamp DESC"
      " LIMIT ?5)",
      conversation, key.id, key.account, Action::edit, kMaxEdits);
}

/// Nothing of the message remains but that it was there, and who saw it.
void forget_words(Work& work, ConversationRow conversation, const MessageKey& key) {
  work.db.run(
      "DELETE FROM message_action WHERE conversation = ?1 AND target_message = ?2 AND target_account = ?3"
      " AND kind NOT IN (?4, ?5, ?6)",
      conversation, key.id, key.account, Action::unsend, Action::read, Action::erased);
}

void trim_pending(Work& work, ConversationRow conversation) {
  std::int64_t waiting = 0;
  {
    store::Rows rows = work.db.query(
        "SELECT count(*) FROM message_action WHERE conversation = ?1 AND pending = 1", conversation);
    if (rows.next()) waiting = rows.integer(0);
  }
  if (waiting <= kMaxPending) return;
  work.db.run(
      "DELETE FROM message_action WHERE (conversation, target_message, target_account, kind, actor, slot) IN"
      " (SELECT conversation, target_message, target_account, kind, actor, slot FROM message_action"
      " WHERE conversation = ?1 AND pending = 1 ORDER BY received_ms LIMIT ?2)",
      conversation, waiting - kMaxPending);
}

struct Row {
  std::int64_t id;
  v1::Message::Kind kind;
  bool outgoing;
  std::string body;
  std::optional<Bytes> detail;
  UnixMs expires;
};

std::optional<Row> load_row(store::Database& database, ConversationRow conversation, const MessageKey& key) {
  store::Rows rows = database.query(
      "SELECT id, kind, outgoing, body, detail, expires_ms FROM message WHERE msg_id = ?1"
      " AND conversation = ?2 AND sender_account = ?3 AND system = 0 LIMIT 1",
      key.id, conversation, key.account);
  if (!rows.next()) return std::nullopt;
  return Row{rows.integer(0),
             static_cast<v1::Message::Kind>(rows.integer(1)),
             rows.flag(2),
             rows.text(3),
             rows.is_null(4) ? std::nullopt : std::optional(rows.octets(4)),
             rows.time(5)};
}

void erase(Work& work, ConversationRow conversation, const MessageKey& key, std::int64_t row) {
  announce_erased(work, row);
  // What is signed still arrives: the user erases a copy, not what was said.
  work.db.run("UPDATE outbox_item SET message = NULL WHERE message = ?1", row);
  work.db.run("DELETE FROM message WHERE id = ?1", row);
  work.db.run("DELETE FROM receipt_held WHERE account = ?1 AND msg_id = ?2", key.account, key.id);
  work.db.run(
      "DELETE FROM message_action WHERE conversation = ?1 AND target_message = ?2 AND target_account = ?3"
      " AND kind <> ?4",
      conversation, key.id, key.account, Action::erased);
  // For another copy of the message, as long as one may come.
  work.db.run(
      "UPDATE message_action SET pending = 1, expires_ms = 0 WHERE conversation = ?1 AND target_message = ?2"
      " AND target_account = ?3",
      conversation, key.id, key.account);
}

void keep_original(Work& work, ConversationRow conversation, const MessageKey& key, const Row& row) {
  work.db.run(
      "INSERT OR IGNORE INTO message_action (conversation, target_account, target_message, kind, actor, slot,"
      " time_ms, stamp, text, detail, received_ms, expires_ms, pending)"
      " VALUES (?1, ?2, ?3, ?4, ?2, x'', ?5, ?6, ?7, ?8, ?9, ?10, 0)",
      conversation, key.account, key.id, Action::edit, kOriginal, session::MessageId{},
      std::string_view(row.body), row.detail, work.now, row.expires);
}

void apply_edits(Work& work, ConversationRow conversation, const MessageKey& key, const Row& row) {
  if (row.kind != v1::Message::TEXT || !has_action(work.db, conversation, key, Action::edit)) {
    return;
  }
  keep_original(work, conversation, key, row);
  work.db.run(
      "UPDATE message SET (body, detail, edited_ms) = (SELECT text, nullif(detail, x''), time_ms FROM"
      " message_action WHERE conversation = ?2 AND target_message = ?3 AND target_account = ?4 AND kind = ?5"
      " ORDER BY time_ms DESC, stamp DESC LIMIT 1) WHERE id = ?1",
      row.id, conversation, key.id, key.account, Action::edit);
}

void apply_readings(Work& work, ConversationRow conversation, const MessageKey& key, const Row& row) {
  if (!has_action(work.db, conversation, key, Action::read)) return;
  if (!row.outgoing) {
    work.db.run("UPDATE message SET read = 1 WHERE id = ?1 AND read = 0", row.id);
    return;
  }
  work.db.run("UPDATE message SET state = ?2 WHERE id = ?1 AND state IN (?3, ?4, ?5)", row.id,
              v1::Message::READ, v1::Message::QUEUED, v1::Message::SENT, v1::Message::DELIVERED);
}

}  // namespace

void note_action(Work& work, ConversationRow conversation, const Said& said) {
  if (said.time > work.now + kMaxAhead || said.time == kOriginal) return;
  if (has_action(work.db, conversation, said.target, Action::erased)) return;
  const bool ends = said.action == Action::unsend || said.action == Action::erased;
  if (!ends && said.action != Action::read &&
      has_action(work.db, conversation, said.target, Action::unsend)) {
    return;
  }
  const bool pending = !find_message(work.db, conversation, said.target);
  if (pending && said.expires.value > 0 && said.expires <= work.now) return;
  if (said.action == Action::edit) {
    insert_action(work, conversation, said, said.stamp, pending);
    trim_edits(work, conversation, said.target);
  } else {
    if (!prevails(work.db, conversation, said)) return;
    insert_action(work, conversation, said, {}, pending);
  }
  if (said.action == Action::unsend) forget_words(work, conversation, said.target);
  if (pending) return trim_pending(work, conversation);
  if (!settle_message(work, conversation, said.target)) return;
  // Not there any more if the store has just failed; then nothing of this input counts.
  if (const auto row = find_message(work.db, conversation, said.target)) announce_message(work, *row);
}

bool settle_message(Work& work, ConversationRow conversation, const MessageKey& key) {
  const auto row = load_row(work.db, conversation, key);
  if (!row) return false;
  if (has_action(work.db, conversation, key, Action::erased)) {
    erase(work, conversation, key, row->id);
    return false;
  }
  work.db.run(
      "UPDATE message_action SET pending = 0, expires_ms = ?4 WHERE conversation = ?1 AND target_message = ?2"
      " AND target_account = ?3",
      conversation, key.id, key.account, row->expires);
  if (has_action(work.db, conversation, key, Action::unsend)) {
    forget_words(work, conversation, key);
    work.db.run(
        "UPDATE message SET unsent = 1, body = '', detail = NULL, edited_ms = 0, target_account = NULL,"
        " target_message = NULL WHERE id = ?1",
        row->id);
  } else {
    apply_edits(work, conversation, key, *row);
  }
  apply_readings(work, conversation, key, *row);
  return true;
}

UnixMs newest_action(store::Database& database, ConversationRow conversation, const MessageKey& key) {
  store::Rows rows = database.query(
      "SELECT coalesce(max(time_ms), 0) FROM message_action WHERE conversation = ?1 AND target_message = ?2"
      " AND target_account = ?3",
      conversation, key.id, key.account);
  return rows.next() ? rows.time(0) : UnixMs{};
}

std::optional<std::int64_t> find_message(store::Database& database, ConversationRow conversation,
                                         const MessageKey& key) {
  const auto row = load_row(database, conversation, key);
  return row ? std::optional(row->id) : std::nullopt;
}

void expire_pending(Work& work) {
  work.db.run("DELETE FROM message_action WHERE pending = 1 AND received_ms < ?1",
              UnixMs{work.now.value - std::min(work.now.value, kPendingLifetime.value)});
}

}  // namespace sotto::client

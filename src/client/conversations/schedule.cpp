#include "client/conversations/schedule.h"

#include "bytes/hex.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Fewer digits would rarely name one.
constexpr std::size_t kMinDigits = 4;

struct Waiting {
  session::MessageId id{};
  ConversationRow conversation = 0;
  UnixMs due;
  v1::Content content;
};

std::vector<Waiting> read(store::Database& database, store::Rows rows) {
  std::vector<Waiting> out;
  while (rows.next()) {
    Waiting& waiting = out.emplace_back(Waiting{rows.array<16>(0), rows.integer(1), rows.time(2), {}});
    const Bytes octets = rows.octets(3);
    if (!wire::decode(octets, octets.size(), waiting.content)) database.report_damage();
  }
  return out;
}

v1::Scheduled record_of(store::Database& database, const Self& self, const Waiting& waiting) {
  v1::Scheduled record;
  record.set_message_id(to_hex(waiting.id));
  if (const auto conversation = load_conversation(database, waiting.conversation)) {
    record.set_conversation(conversation_name(database, self, *conversation));
  }
  record.set_due_ms(waiting.due.value);
  const auto entry = entry_of(waiting.content);
  if (entry) record.set_body(entry->body);
  return record;
}

std::vector<Waiting> all(store::Database& database) {
  return read(
      database,
      database.query("SELECT msg_id, conversation, due_ms, content FROM scheduled ORDER BY due_ms, msg_id"));
}

}  // namespace

std::string_view describe(ScheduleError error) {
  switch (error) {
    case ScheduleError::not_later: return "this time has passed, or is more than ten years ahead";
    case ScheduleError::too_many:
      return "1000 messages wait already; cancel some with `sotto schedule cancel`";
    case ScheduleError::not_scheduled:
      return "nothing with this id waits; `sotto schedule list` shows what does";
  }
  return "unknown error";
}

Result<v1::Scheduled, ScheduleError> schedule_entry(Work& work, const ConversationRecord& conversation,
                                                    const v1::Content& content, UnixMs due) {
  if (due <= work.now || due > work.now + kLongestWait) return err(ScheduleError::not_later);
  {
    store::Rows rows = work.db.query("SELECT count(*) FROM scheduled");
    if (rows.next() && rows.integer(0) >= kMaxScheduled) return err(ScheduleError::too_many);
  }
  const Waiting waiting{work.random.array<16>(), conversation.id, due, content};
  work.db.run("INSERT INTO scheduled (msg_id, conversation, due_ms, content) VALUES (?1, ?2, ?3, ?4)",
              waiting.id, waiting.conversation, due, wire::encode(content));
  return record_of(work.db, work.self, waiting);
}

Result<v1::Scheduled, ScheduleError> cancel_scheduled(Work& work, std::string_view which) {
  if (which.size() < kMinDigits) return err(ScheduleError::not_scheduled);
  for (const Waiting& waiting : all(work.db)) {
    if (!to_hex(waiting.id).starts_with(which)) continue;
    work.db.run("DELETE FROM scheduled WHERE msg_id = ?1", waiting.id);
    return record_of(work.db, work.self, waiting);
  }
  return err(ScheduleError::not_scheduled);
}

std::vector<v1::Scheduled> scheduled_records(store::Database& database, const Self& self) {
  std::vector<v1::Scheduled> out;
  for (const Waiting& waiting : all(database)) out.push_back(record_of(database, self, waiting));
  return out;
}

void send_due(Work& work) {
  if (!work.self.ready()) return;
  const auto due =
      read(work.db, work.db.query("SELECT msg_id, conversation, due_ms, content FROM scheduled WHERE"
                                  " due_ms <= ?1 ORDER BY due_ms, msg_id",
                                  work.now));
  for (const Waiting& waiting : due) {
    work.db.run("DELETE FROM scheduled WHERE msg_id = ?1", waiting.id);
    // Refused only by a block that came since: the user does not want it sent any more. Whoever wrote it
    // could not know which guests a group would have by now.
    const auto conversation = load_conversation(work.db, waiting.conversation);
    if (conversation) {
      static_cast<void>(compose_entry(work, *conversation, waiting.content, {.without_guests = true}));
    }
  }
}

std::optional<UnixMs> next_due(store::Database& database) {
  store::Rows rows = database.query("SELECT min(due_ms) FROM scheduled");
  if (!rows.next() || rows.is_null(0)) return std::nullopt;
  return rows.time(0);
}

}  // namespace sotto::client

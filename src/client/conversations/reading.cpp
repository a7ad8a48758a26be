#include "client/conversations/reading.h"

#include <map>
#include <vector>

#include "client/conversations/actions.h"
#include "client/conversations/compose.h"
#include "client/conversations/timeline.h"
#include "client/requests/standing.h"
#include "client/sync/own_words.h"
#include "client/sync/registers.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using Write = v1::SyncEvent::Write;

struct Unread {
  ConversationRow conversation;
  MessageKey key;
};

/// Empty for what the user saw before, here or elsewhere; a system line is marked and concerns nobody else.
std::optional<Unread> take_unread(Work& work, std::int64_t message) {
  std::optional<Unread> unread;
  {
    store::Rows rows = work.db.query(
        "SELECT conversation, sender_account, msg_id, system, read FROM message WHERE id = ?1 AND outgoing = "
        "0"
        " AND read < 2",
        message);
    if (!rows.next()) return std::nullopt;
    if (rows.integer(3) == 0 && !rows.flag(4)) {
      unread = Unread{rows.integer(0), {rows.id<identity::AccountId>(1), rows.array<16>(2)}};
    }
  }
  work.db.run("UPDATE message SET read = 2 WHERE id = ?1", message);
  announce_message(work, message);
  return unread;
}

void tell_peer(Work& work, const ConversationRecord& conversation, std::span<const MessageKey> keys) {
  if (conversation.kind != v1::Conversation::DIRECT) return;
  if (is_request(work.db, work.self, conversation)) return;
  const Bytes subject = subject_of(work.db, work.self, conversation);
  if (number_of(work.db, Write::NO_READ_RECEIPTS, subject) != 0 ||
      number_of(work.db, Write::BLOCKED, subject) != 0) {
    return;
  }
  v1::Content content;
  for (const MessageKey& key : keys) content.mutable_read()->add_msg_ids(wire::field(key.id));
  compose_aside(work, conversation.id, std::move(content), {.id = work.random.array<16>(), .sent = work.now});
}

void tell_read(Work& work, ConversationRow row, std::span<const MessageKey> keys) {
  const auto conversation = load_conversation(work.db, row);
  if (!conversation) return;
  tell_peer(work, *conversation, keys);
  v1::Content content;
  auto* marks = content.mutable_sync()->mutable_marks();
  marks->set_subject(wire::field(subject_of(work.db, work.self, *conversation)));
  for (const MessageKey& key : keys) *marks->add_read() = ref_of(key);
  tell_own_devices(work, content);
}

/// Made if there is none: what own devices say of it may come before it.
std::optional<ConversationRow> conversation_of(Work& work, ByteView subject) {
  if (const auto known = find_by_subject(work.db, work.self, subject)) return known->id;
  const auto account = identity::AccountId::from(subject);
  if (!account) return std::nullopt;
  if (*account == work.self.account_id()) return ensure_notes(work.db);
  return ensure_conversation(work.db, ensure_contact(work.db, *account, work.now).id);
}

void note_marks(Work& work, const session::VerifiedContent& content, ConversationRow conversation,
                Action action, const google::protobuf::RepeatedPtrField<v1::MessageRef>& refs) {
  int left = kMaxMarked;
  for (const auto& ref : refs) {
    const auto key = key_of(ref);
    if (!key || left-- == 0) continue;
    const auto row = find_message(work.db, conversation, *key);
    if (row && action == Action::read) {
      work.db.run("UPDATE message SET read = 1 WHERE id = ?1 AND read = 0", *row);
      if (work.db.changes() > 0) announce_message(work, *row);
      continue;
    }
    note_action(work, conversation,
                {.action = action,
                 .target = *key,
                 .actor = work.self.account_id(),
                 .time = content.facts.sent,
                 .stamp = content.facts.message_id,
                 .text = {},
                 .detail = {},
                 .expires = {}});
  }
}

}  // namespace

void mark_read(Work& work, std::span<const std::int64_t> messages) {
  std::map<ConversationRow, std::vector<MessageKey>> read;
  for (const std::int64_t message : messages) {
    if (const auto unread = take_unread(work, message)) read[unread->conversation].push_back(unread->key);
  }
  for (const auto& [conversation, keys] : read) {
    for (std::span<const MessageKey> left = keys; !left.empty();) {
      const auto batch = left.first(std::min<std::size_t>(left.size(), kMaxMarked));
      tell_read(work, conversation, batch);
      left = left.subspan(batch.size());
    }
  }
}

void mark_conversation_read(Work& work, ConversationRow conversation) {
  std::vector<std::int64_t> unread;
  {
    store::Rows rows = work.db.query(
        "SELECT id FROM message WHERE outgoing = 0 AND read < 2 AND conversation = ?1 ORDER BY id",
        conversation);
    while (rows.next()) unread.push_back(rows.integer(0));
  }
  mark_read(work, unread);
}

void take_read_receipt(Work& work, const session::VerifiedContent& content, ConversationRow conversation,
                       const v1::ReadReceipt& receipt) {
  int left = kMaxMarked;
  for (const auto& msg_id : receipt.msg_ids()) {
    if (msg_id.size() != std::tuple_size_v<session::MessageId> || left-- == 0) continue;
    note_action(work, conversation,
                {.action = Action::read,
                 .target = {work.self.account_id(), to_array<16>(wire::octets(msg_id))},
                 .actor = content.author.account,
                 .time = content.facts.sent,
                 .stamp = content.facts.message_id,
                 .text = {},
                 .detail = {},
                 .expires = {}});
  }
}

void take_marks(Work& work, const session::VerifiedContent& content, const v1::SyncEvent::Marks& marks) {
  const auto conversation = conversation_of(work, wire::octets(marks.subject()));
  if (!conversation) return;
  note_marks(work, content, *conversation, Action::read, marks.read());
  note_marks(work, content, *conversation, Action::erased, marks.deleted());
}

}  // namespace sotto::client

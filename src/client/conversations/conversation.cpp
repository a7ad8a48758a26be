#include "client/conversations/conversation.h"

#include "bytes/hex.h"
#include "client/groups/conversations.h"
#include "client/sms/numbers.h"
#include "identity/handle.h"

namespace sotto::client {
namespace {

#define SOTTO_CONVERSATION_COLUMNS "SELECT id, kind, contact, group_id FROM conversation WHERE "

std::optional<ConversationRecord> first(store::Rows rows) {
  if (!rows.next()) return std::nullopt;
  ConversationRecord record;
  record.id = rows.integer(0);
  record.kind = static_cast<v1::Conversation::Kind>(rows.integer(1));
  if (!rows.is_null(2)) record.contact = rows.integer(2);
  if (!rows.is_null(3)) record.group = rows.array<32>(3);
  return record;
}

std::optional<ConversationRecord> find_notes(store::Database& database) {
  return first(database.query(SOTTO_CONVERSATION_COLUMNS "kind = 2"));
}

}  // namespace

ConversationRow ensure_conversation(store::Database& database, ContactId contact) {
  if (const auto known = find_direct(database, contact)) return known->id;
  database.run("INSERT INTO conversation (kind, contact) VALUES (?1, ?2)", v1::Conversation::DIRECT, contact);
  return database.last_insert_id();
}

ConversationRow ensure_notes(store::Database& database) {
  if (const auto known = find_notes(database)) return known->id;
  database.run("INSERT INTO conversation (kind) VALUES (?1)", v1::Conversation::NOTES);
  return database.last_insert_id();
}

std::optional<ConversationRecord> load_conversation(store::Database& database, ConversationRow id) {
  return first(database.query(SOTTO_CONVERSATION_COLUMNS "id = ?1", id));
}

std::optional<ConversationRecord> find_direct(store::Database& database, ContactId contact) {
  return first(database.query(SOTTO_CONVERSATION_COLUMNS "contact = ?1", contact));
}

#undef SOTTO_CONVERSATION_COLUMNS

bool is_own_handle(store::Database& database, const Self& self, std::string_view handle) {
  if (handle == self.handle) return true;
  store::Rows rows = database.query("SELECT 1 FROM own_handle WHERE handle = ?1", handle);
  return rows.next();
}

std::optional<ConversationRecord> find_conversation(store::Database& database, const Self& self,
                                                    std::string_view typed) {
  if (typed.starts_with(kGroupMark)) {
    const auto called = groups_called(database, typed.substr(1));
    return called.size() == 1 ? find_group_conversation(database, called.front()) : std::nullopt;
  }
  if (const auto number = sms_number(typed)) {
    const auto peer = find_sms_peer(database, *number);
    return peer ? load_conversation(database, peer->conversation) : std::nullopt;
  }
  const auto handle = identity::Handle::parse(typed);
  if (handle && is_own_handle(database, self, handle->text())) return find_notes(database);
  const auto contact = find_named(database, typed);
  return contact ? find_direct(database, contact->id) : std::nullopt;
}

std::string conversation_name(store::Database& database, const Self& self, const ConversationRecord& record) {
  switch (record.kind) {
    case v1::Conversation::DIRECT: {
      const auto contact = find_contact(database, *record.contact);
      return contact ? display_name(*contact) : std::string();
    }
    case v1::Conversation::NOTES: return self.handle;
    case v1::Conversation::GROUP: return kGroupMark + to_hex(*record.group);
    case v1::Conversation::SMS: {
      const auto peer = sms_peer_of(database, record.id);
      return peer ? std::string(kSmsPrefix) + peer->number : std::string();
    }
    default: return {};
  }
}

Bytes subject_of(store::Database& database, const Self& self, const ConversationRecord& record) {
  if (record.group) return to_bytes(*record.group);
  if (const auto peer = sms_peer_of(database, record.id)) return to_bytes(sms_subject(peer->number));
  if (!record.contact) return to_bytes(self.account_id().view());
  const auto contact = find_contact(database, *record.contact);
  return contact && contact->account ? to_bytes(contact->account->view()) : Bytes();
}

std::optional<ConversationRecord> find_by_subject(store::Database& database, const Self& self,
                                                  ByteView subject) {
  if (const auto peer = sms_peer_by_subject(database, subject)) {
    return load_conversation(database, peer->conversation);
  }
  if (subject.size() == sizeof(groups::GroupId)) {
    return find_group_conversation(database, to_array<sizeof(groups::GroupId)>(subject));
  }
  const auto account = identity::AccountId::from(subject);
  if (!account) return std::nullopt;
  if (*account == self.account_id()) return find_notes(database);
  const auto contact = find_contact(database, *account);
  return contact ? find_direct(database, contact->id) : std::nullopt;
}

void merge_conversations(store::Database& database, ConversationRow from, ConversationRow into) {
  database.run("UPDATE message SET conversation = ?2 WHERE conversation = ?1", from, into);
  database.run("UPDATE composed SET conversation = ?2 WHERE conversation = ?1", from, into);
  database.run("UPDATE attachment_draft SET conversation = ?2 WHERE conversation = ?1", from, into);
  database.run("UPDATE scheduled SET conversation = ?2 WHERE conversation = ?1", from, into);
  database.run("UPDATE OR IGNORE message_action SET conversation = ?2 WHERE conversation = ?1", from, into);
  database.run("DELETE FROM message_action WHERE conversation = ?1", from);
  database.run("DELETE FROM conversation WHERE id = ?1", from);
}

}  // namespace sotto::client

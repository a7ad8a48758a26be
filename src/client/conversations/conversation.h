// Conversations: with one other account, with oneself on all own devices, with a group. Everything that is
// said stands in one; only who gets it differs. Not concerned with messages (timeline.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/accounts/self.h"
#include "client/contacts/contact_records.h"
#include "client/store/database.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// A conversation's row in this device's store.
using ConversationRow = std::int64_t;

struct ConversationRecord {
  ConversationRow id = 0;
  v1::Conversation::Kind kind = v1::Conversation::KIND_UNSPECIFIED;
  std::optional<ContactId> contact;    ///< of a direct one
  std::optional<ByteArray<32>> group;  ///< of a group: its id
};

/// The conversation with a contact, made if there is none.
ConversationRow ensure_conversation(store::Database& database, ContactId contact);
/// The notes to oneself, made if there are none.
ConversationRow ensure_notes(store::Database& database);

std::optional<ConversationRecord> load_conversation(store::Database& database, ConversationRow id);
std::optional<ConversationRecord> find_direct(store::Database& database, ContactId contact);
/// As a person names it: a handle as typed (an own one: the notes), or an account in hexadecimal.
std::optional<ConversationRecord> find_conversation(store::Database& database, const Self& self,
                                                    std::string_view typed);

/// A name of this account, in normal form.
bool is_own_handle(store::Database& database, const Self& self, std::string_view handle);

/// What people see: the contact's name, or the own one for notes.
std::string conversation_name(store::Database& database, const Self& self, const ConversationRecord& record);
/// What it is called in what devices tell each other: the other account (the own one: notes) or the group.
/// Empty while the other account is not known.
Bytes subject_of(store::Database& database, const Self& self, const ConversationRecord& record);
/// The direct conversation or notes with this subject, if there are any.
std::optional<ConversationRecord> find_by_subject(store::Database& database, const Self& self,
                                                  ByteView subject);

/// Moves everything of one conversation into another; the emptied one disappears.
void merge_conversations(store::Database& database, ConversationRow from, ConversationRow into);

}  // namespace sotto::client

// Messages as people see them: rows of conversations, their states, and the records made of them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "client/contacts/contact_records.h"
#include "client/conversations/conversation.h"
#include "client/conversations/entry.h"
#include "client/core/work.h"
#include "session/content_signature.h"
#include "session/peer_state.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// A message of the user, not signed yet. Returns its row.
std::int64_t insert_composed(Work& work, ConversationRow conversation, const session::MessageId& message_id,
                             const Entry& entry);
void mark_signed(Work& work, std::int64_t message, const session::SignedContent& content);

/// A verified entry: from somebody else, or a copy of what another own device sent. Returns its row; empty if
/// a message with this id is there already, or was erased.
std::optional<std::int64_t> insert_received(Work& work, const session::VerifiedContent& content,
                                            ConversationRow conversation, const Entry& entry,
                                            const session::SecurityState& security);

/// The peer's account has it durably: SENT, with the security state of the devices it went to.
void mark_sent(Work& work, std::int64_t message);
void mark_failed(Work& work, std::int64_t message, std::string_view reason);
/// All messages to a contact that were never signed; what was said about others is dropped.
void fail_queued_messages(Work& work, ContactId contact, std::string_view reason);
/// One device of the peer says that it holds a message of ours. Reports a wrong content hash.
void mark_delivered(Work& work, const identity::DeviceAddress& device, const session::MessageId& message_id,
                    ByteView content_hash);

/// Deletes what has expired: messages, what was said about them, and what of it is still on its way.
void expire_messages(Work& work);
/// When that is due next. Reads only.
std::optional<UnixMs> next_expiry(store::Database& database);

/// Events for watchers.
void announce_erased(Work& work, std::int64_t message);
void announce_message(Work& work, std::int64_t message);
void announce_contact(Work& work, ContactId contact);
/// Its settings or draft changed.
void announce_conversation(Work& work, ByteView subject);

}  // namespace sotto::client

// Messages as people see them: rows of conversations, their states, and the records made of them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "client/contacts/contact_records.h"
#include "client/core/work.h"
#include "session/content_signature.h"
#include "session/peer_state.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// A message of the user, not signed yet. Returns its row.
std::int64_t insert_composed(Work& work, std::int64_t conversation, const session::MessageId& message_id,
                             std::string_view text);
void mark_signed(Work& work, std::int64_t message, const session::SignedContent& content);

/// A verified text: from the peer, or a copy of what another own device sent. Returns its row; empty if a
/// message with this id is there already.
std::optional<std::int64_t> insert_received(Work& work, const session::VerifiedContent& content,
                                            const identity::AccountId& peer, std::string_view text,
                                            const session::SecurityState& security);

/// The peer's account has it durably: SENT, with the security state of the devices it went to.
void mark_sent(Work& work, std::int64_t message);
void mark_failed(Work& work, std::int64_t message, std::string_view reason);
/// Contacts with QUEUED messages that were never signed. Asked with every input: costs what they are, not
/// what is queued for each.
std::vector<ContactId> unsent_contacts(store::Database& database);
/// All messages to a contact that were never signed.
void fail_queued_messages(Work& work, ContactId contact, std::string_view reason);
/// One device of the peer says that it holds a message of ours. Reports a wrong content hash.
void mark_delivered(Work& work, const identity::DeviceAddress& device, const session::MessageId& message_id,
                    ByteView content_hash);

/// Events for watchers.
void announce_message(Work& work, std::int64_t message);
void announce_contact(Work& work, ContactId contact);

}  // namespace sotto::client

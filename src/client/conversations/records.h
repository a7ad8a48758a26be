// The records of client_api.proto, read from the store. Reads only: any process of the profile may.
#pragma once

#include <optional>
#include <vector>

#include "client/accounts/self.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/conversation.h"
#include "client/store/database.h"
#include "clock/clock.h"
#include "session/peer_state.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

v1::SecurityState::PqLevel pq_level(const session::SecurityState& security);

std::optional<v1::Message> message_record(store::Database& database, const Self& self, std::int64_t message);
v1::Contact contact_record(store::Database& database, const ContactRecord& contact);
/// What would hold for a message to this contact now.
v1::SecurityState conversation_security(store::Database& database, const ContactRecord& contact);

/// Of text messages: none.
v1::SecurityState sms_security();

v1::SecurityState security_record(v1::SecurityState::PqLevel level, std::int64_t authentication,
                                  std::int64_t verified, std::uint64_t last_rekey_ms,
                                  std::uint64_t proof_size);

// What has expired by `now` is not shown, even where its row is still to be deleted.

v1::Conversation conversation_record(store::Database& database, const Self& self,
                                     const ConversationRecord& conversation, UnixMs now);
/// All in which something was said and that are no requests (requests/decisions.h): the pinned ones first,
/// then the one with the newest message.
std::vector<v1::Conversation> conversation_records(store::Database& database, const Self& self, UnixMs now);
/// The newest `limit` messages of a conversation in timeline order.
std::vector<v1::Message> history(store::Database& database, const Self& self, ConversationRow conversation,
                                 std::uint32_t limit, UnixMs now);
/// The next `limit` messages of one conversation, or of all, that arrived after the row `after`, with their
/// rows.
std::vector<std::pair<std::int64_t, v1::Message>> messages_after(store::Database& database, const Self& self,
                                                                 std::optional<ConversationRow> conversation,
                                                                 std::int64_t after, std::uint32_t limit,
                                                                 UnixMs now);
/// Own devices, from the newest own manifest.
std::vector<v1::Device> device_records(store::Database& database, const Self& self);
v1::Status status_record(store::Database& database, const Self& self);
/// How much of what the account said in the last 30 days was not end-to-end encrypted. From this device's
/// store; nobody else is told.
void add_sent_lately(store::Database& database, UnixMs now, v1::Status& status);

/// Incoming messages that were not handed to the user on this device, though perhaps on another, in the order
/// of arrival, with their rows. Those of requests are not among them. With `patient`, stops at a sender whose
/// claimed handle the directory has still to confirm.
std::vector<std::pair<std::int64_t, v1::Message>> unread_messages(store::Database& database, const Self& self,
                                                                  std::uint32_t limit, bool patient,
                                                                  UnixMs now);

}  // namespace sotto::client

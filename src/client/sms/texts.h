// Text messages: what the user writes to a telephone number and what comes back, through the server's
// gateway. Not end-to-end encrypted, and said so of each. docs/specs/gateway.md 8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/conversations/error.h"
#include "client/core/work.h"
#include "client/sms/numbers.h"
#include "result/result.h"
#include "session/content_signature.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// The user decides that texts may, or may not, go to the number; all own devices hear it. Nothing is sent.
/// Errors: not_registered, bad_handle (no telephone number).
Result<v1::SmsPermission, ComposeError> set_sms_permission(Work& work, std::string_view number, bool allowed);
/// The numbers about which the user decided.
std::vector<v1::SmsPermission> sms_permissions(store::Database& database);

/// Queues a text to the number of the conversation. Errors: sms_not_allowed, sms_guest, sms_text_only
/// (anything that is not a plain text).
Result<session::MessageId, ComposeError> compose_sms(Work& work, const ConversationRecord& conversation,
                                                     const v1::Content& content);
/// Queues a text whose words are this client's own, allowed or not.
session::MessageId queue_text(Work& work, const SmsPeer& peer, std::string_view words);

/// A row that no session brought.
struct TextRow {
  session::MessageId id{};
  identity::AccountId sender;
  identity::DeviceId device;  ///< zeros: nobody's
  UnixMs sent;
  bool outgoing = false;
  UnixMs expires = {};  ///< 0: never
};
/// Empty: it is there already. Not announced.
std::optional<std::int64_t> insert_text(Work& work, ConversationRow conversation, const TextRow& text,
                                        std::string_view words);

/// The log proved that nobody has the number as a handle: what waits for it unsigned goes as texts instead,
/// if the user allowed that and an account was never known by it. False: it does not.
bool fall_back_to_sms(Work& work, const ContactRecord& contact, std::string_view handle);

/// Asks the server to send what is queued.
void submit_sms(Work& work);
void on_sms_sent(Work& work, const Request& request, const v1::SmsSent& sent);
void on_sms_refused(Work& work, const Request& request, const v1::Error& error);
/// What the server says of texts, or brings.
void on_gateway_event(Work& work, ByteView octets);

/// What another own device wrote to a number.
void take_sms_copy(Work& work, const session::VerifiedContent& content, const v1::SyncEvent::SmsCopy& copy);

}  // namespace sotto::client

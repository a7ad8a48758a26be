// What the user makes of requests: accept, delete, block; and receipts, which wait for that
// (docs/specs/requests.md 3).
#pragma once

#include <string_view>
#include <vector>

#include "client/conversations/conversation.h"
#include "client/conversations/error.h"
#include "client/core/work.h"
#include "groups/history.h"
#include "result/result.h"
#include "session/content_signature.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// The newest first. Without what was said: that is for who opens it.
std::vector<v1::Conversation> request_records(store::Database& database, const Self& self, UnixMs now);

// Conversations as a person names them. Errors: not_registered, no_conversation, no_request.
/// What was said there is as if it came now: receipts go, and what comes is fetched by itself.
Result<v1::Conversation, ComposeError> accept_request(Work& work, std::string_view conversation);
/// Erases what was said there from all own devices; whoever writes again asks again.
Result<void, ComposeError> delete_request(Work& work, std::string_view conversation);
/// The same, and nothing of them is taken in any more.
Result<void, ComposeError> block_request(Work& work, std::string_view conversation);

/// Whom the user blocked, strangers of whom nothing is left here included.
std::vector<v1::Conversation> blocked_records(store::Database& database, const Self& self, UnixMs now);
/// What they say is taken in again, as a request where they are not known. Also of somebody whom another own
/// device blocked: an account or group in hexadecimal. Errors: not_registered, no_conversation.
Result<v1::Conversation, ComposeError> unblock(Work& work, std::string_view conversation);

/// Nothing of them is taken in any more; a request is erased too.
void block(Work& work, const ConversationRecord& conversation);

/// The account or group `subject` is no stranger any more. `by`: the message that says so.
void accept(Work& work, ByteView subject, const std::optional<session::MessageId>& by = {});
/// A group that this account just came into is accepted if somebody known, or the user, brought it in.
void note_invitation(Work& work, const groups::History& history);

/// Owed, and told when the conversation is accepted.
void hold_receipt(Work& work, const session::VerifiedContent& content);
/// Those whose conversations are accepted by now.
void release_receipts(Work& work);
/// Hourly.
void expire_held_receipts(Work& work);

/// Of a stranger: the handle of somebody known, or the own one, that theirs could be taken for; empty: none.
std::string resembled_handle(store::Database& database, const Self& self, const ContactRecord& contact);

}  // namespace sotto::client

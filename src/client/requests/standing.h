// Who is no stranger, and how what others say is taken in (docs/specs/requests.md 1 to 3). All of it follows
// from registers, which own devices agree on, and from what was said.
#pragma once

#include "client/conversations/conversation.h"
#include "client/core/work.h"
#include "groups/operation.h"
#include "session/content_signature.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

enum class Reception : std::uint8_t {
  refused,  ///< blocked, or kept out by the user's rule: nothing is taken in, and nobody is told
  request,  ///< kept apart until the user decides: nobody is told anything, nothing is fetched
  accepted,
};

/// The user accepted, verified or named the account, or wrote to it.
bool is_known(store::Database& database, const identity::AccountId& account);
/// The user accepted the group, wrote in it, or was brought in by somebody known.
bool is_known(store::Database& database, const groups::GroupId& group);
bool is_request(store::Database& database, const Self& self, const ConversationRecord& conversation);
/// Whether the user had to do with a conversation. Unlike is_request() whatever the rule about strangers.
bool is_known_conversation(store::Database& database, const ConversationRecord& conversation);

Reception reception_of(Work& work, const session::VerifiedContent& content, const v1::Content& parsed);
/// Whether devices of this account may learn that something arrived here.
bool may_answer(Work& work, const identity::AccountId& account);

/// Requests with something that the user has not seen.
std::uint64_t count_requests(store::Database& database, const Self& self);

}  // namespace sotto::client

// Keeping to a guardian's policy on the child's devices: what is not allowed is not sent, and what strangers
// say is not taken in (docs/specs/families.md 4).
#pragma once

#include <string>

#include "client/conversations/conversation.h"
#include "client/conversations/error.h"
#include "client/core/work.h"
#include "session/content_signature.h"
#include "session/peer_state.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// Whether something may be said in a conversation now. Errors: family_stranger, family_closed.
Result<void, ComposeError> check_family(Work& work, const ConversationRecord& conversation);
/// An error for people, with the guardian's name where it is theirs.
std::string explain(store::Database& database, ComposeError error);

/// Something said by somebody with whom the child may not write: kept until the guardian allows them, or
/// dropped, as the policy has it. False: take it in.
bool withhold_from_child(Work& work, const session::VerifiedContent& content, const v1::Content& parsed,
                         const session::SecurityState& security);
/// After the policy changed: takes in what waited for it, of those who are allowed now.
void release_held_from_child(Work& work);
/// Hourly.
void expire_held_from_child(Work& work);

}  // namespace sotto::client

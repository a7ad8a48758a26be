// Signs of life: somebody writes. Told while both sides are there, kept by neither.
#pragma once

#include "client/conversations/conversation.h"
#include "client/core/work.h"
#include "session/content_signature.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// How long a sign counts without another one, at both ends.
inline constexpr DurationMs kTypingLasts = seconds(15);
/// Nobody is told of it who was not heard that long: it would only wait in their mailbox.
inline constexpr DurationMs kAwake = minutes(5);

/// True if the other side will be told.
bool tell_typing(Work& work, const ConversationRecord& conversation, bool active);
void take_typing(Work& work, const session::VerifiedContent& content, ConversationRow conversation,
                 const v1::Typing& typing);

}  // namespace sotto::client

// What the user saw: own devices learn it, and the other side where the conversation's settings let it.
#pragma once

#include <span>

#include "client/conversations/conversation.h"
#include "client/core/work.h"
#include "session/content_signature.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// Messages in one receipt or mark; more go in several.
inline constexpr int kMaxMarked = 200;

/// Rows of messages that were handed to the user.
void mark_read(Work& work, std::span<const std::int64_t> messages);
/// All of a conversation.
void mark_conversation_read(Work& work, ConversationRow conversation);

/// The peer saw these messages of ours.
void take_read_receipt(Work& work, const session::VerifiedContent& content, ConversationRow conversation,
                       const v1::ReadReceipt& receipt);
/// Another own device showed or erased these.
void take_marks(Work& work, const session::VerifiedContent& content, const v1::SyncEvent::Marks& marks);

}  // namespace sotto::client

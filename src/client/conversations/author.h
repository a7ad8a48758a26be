// Signing what this device says: numbering, chaining and the one content signature.
#pragma once

#include "client/core/work.h"
#include "session/content_signature.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// Fills in previous_hash16, numbers and signs content of the direct conversation with `other` (the own
/// account for what only own devices get).
session::SignedContent author_content(Work& work, const identity::AccountId& other, v1::Content& content,
                                      const session::MessageId& message_id, UnixMs sent);

/// What this device says next in a conversation: its number, and its octets with previous_hash16.
struct Numbered {
  std::uint64_t sequence = 0;
  Bytes octets;
};
/// `numbering`: the conversation, of a group its id whatever its roster.
Numbered number_content(Work& work, const session::ConversationId& numbering, v1::Content& content);

/// H(content)[0:16].
ByteArray<16> content_hash(ByteView content);

}  // namespace sotto::client

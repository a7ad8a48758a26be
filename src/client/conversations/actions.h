// What is said about messages: edits, reactions, votes and the like. Kept beside the message, which may come
// later or be gone, and applied by rank: what a message looks like follows from the set of what was said, not
// from the order in which it came (docs/specs/content.md 4).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/conversations/conversation.h"
#include "client/conversations/entry.h"
#include "client/core/work.h"

namespace sotto::client {

/// Stored: never renumbered.
enum class Action : std::uint8_t {
  edit = 1,
  unsend = 2,
  reaction = 3,
  read = 4,      ///< by the peer, or by the user on some own device
  location = 5,  ///< where a live location moved
  vote = 6,
  close = 7,
  pin = 8,
  erased = 9,  ///< by the user, on all own devices
};

/// What of a message is kept, the newest: nobody reads more of an edit history.
inline constexpr std::int64_t kMaxEdits = 50;
/// Said about messages that are not here: they came before them, or the messages were here before this device
/// was.
inline constexpr std::int64_t kMaxPending = 1000;
/// As long as the relay may still deliver the message.
inline constexpr DurationMs kPendingLifetime = days(30);
/// What is dated further ahead was dated by a clock that is wrong, or to win for ever.
inline constexpr DurationMs kMaxAhead = days(1);

struct Said {
  Action action;
  MessageKey target;
  identity::AccountId actor;
  UnixMs time;                 ///< with the stamp: the rank
  session::MessageId stamp{};  ///< msg_id of the content that says it
  std::string text;
  Bytes detail;
  UnixMs expires;  ///< of the message, as who said it knows it; 0: never
};

/// Keeps it if it counts, and applies it to the message if that is here.
void note_action(Work& work, ConversationRow conversation, const Said& said);

/// Applies what is known of a message to its row; for a row that was just made. True if the message stays.
bool settle_message(Work& work, ConversationRow conversation, const MessageKey& key);

/// The newest time at which anything was said about a message, so that what is said next is later.
UnixMs newest_action(store::Database& database, ConversationRow conversation, const MessageKey& key);

/// The row of a message.
std::optional<std::int64_t> find_message(store::Database& database, ConversationRow conversation,
                                         const MessageKey& key);

/// Hourly: forgets what was said about messages that did not come.
void expire_pending(Work& work);

}  // namespace sotto::client

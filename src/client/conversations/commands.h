// What the user does in a conversation besides writing to somebody: answer, react, edit, take back, erase,
// read. Commands name conversations and messages as a person types them.
#pragma once

#include <string_view>

#include "client/conversations/actions.h"
#include "client/conversations/compose.h"
#include "client/conversations/error.h"
#include "client/core/work.h"
#include "client/sync/registers.h"
#include "result/result.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// One message of a conversation, as it is now.
struct NamedMessage {
  ConversationRecord conversation;
  MessageKey key;
  std::int64_t row = 0;
  v1::Message::Kind kind = v1::Message::TEXT;
  bool unsent = false;
  bool is_signed = false;  ///< it left, or is about to
  bool system = false;     ///< a line that nobody said, named by its whole id: nothing is said about it
  UnixMs expires;
};

enum class Whose : std::uint8_t { anybody, own };

/// `which`: the first digits of its id, four at least; or "last", the newest of the conversation (with
/// Whose::own: of this account; else, if there is any, of the others). Errors: not_registered,
/// no_conversation, no_message, ambiguous_message, not_yours.
Result<NamedMessage, ComposeError> named_message(Work& work, std::string_view conversation,
                                                 std::string_view which, Whose whose);

struct EntryOptions {
  std::string reply_to;  ///< a message as named_message() has it; empty: none
  Lifetime lifetime;
  bool with_files = false;  ///< files follow: a text may be empty
  Requirement requirement = {};
  bool without_guests = false;  ///< of a group
};
/// Anything that becomes an entry. Errors: those of check_text, conversation_for, named_message,
/// compose_entry.
Result<session::MessageId, ComposeError> send_entry(Work& work, std::string_view conversation,
                                                    v1::Content content, const EntryOptions& options);

/// One about which something can still be said. Errors: those of named_message, unsent.
Result<NamedMessage, ComposeError> open_message(Work& work, std::string_view conversation,
                                                std::string_view which, Whose whose);

// The next return the message's row. Errors: those of open_message and what is said of each.
/// Empty `emoji`: takes it back. Errors: bad_emoji.
Result<std::int64_t, ComposeError> react(Work& work, std::string_view conversation, std::string_view which,
                                         std::string_view emoji);
/// Errors: those of check_text, not_text.
Result<std::int64_t, ComposeError> edit_message(Work& work, std::string_view conversation,
                                                std::string_view which, const v1::Text& text);
Result<std::int64_t, ComposeError> unsend_message(Work& work, std::string_view conversation,
                                                  std::string_view which);

/// Gone from all own devices; the others keep theirs.
Result<void, ComposeError> erase_message(Work& work, std::string_view conversation, std::string_view which);
Result<void, ComposeError> read_conversation(Work& work, std::string_view conversation);
/// True if the other side will be told. Errors: not_registered, no_conversation.
Result<bool, ComposeError> signal_typing(Work& work, std::string_view conversation, bool active);

/// How long messages of the conversation stay, for everybody in it; 0: for ever. Errors: bad_lifetime, and
/// those of compose_entry.
Result<session::MessageId, ComposeError> set_timer(Work& work, std::string_view conversation,
                                                   DurationMs lifetime);
/// A setting that concerns the user's devices alone. Errors: not_registered, no_conversation,
/// unknown_contact.
Result<v1::Conversation, ComposeError> set_register(Work& work, std::string_view conversation,
                                                    RegisterKind kind, std::uint64_t number,
                                                    std::string_view text = {});

/// Says something about a message: ranks above everything known of it, counts here at once, and goes to
/// everybody.
void say_about(Work& work, const NamedMessage& message, Action action, v1::Content content,
               std::string_view text, Bytes detail);

}  // namespace sotto::client

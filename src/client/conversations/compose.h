// What the user writes: durable at once, signed as soon as the recipient's account is known. Composing needs
// no connection and no keys, so any process of the profile may do it.
#pragma once

#include <string_view>
#include <vector>

#include "client/conversations/conversation.h"
#include "client/conversations/entry.h"
#include "client/conversations/error.h"
#include "client/conversations/requirement.h"
#include "client/conversations/text_rules.h"
#include "client/core/work.h"
#include "result/result.h"
#include "session/content_signature.h"

namespace sotto::client {

/// How long a message stays; without it the conversation's timer says so.
using Lifetime = std::optional<DurationMs>;

struct EntryTerms {
  Lifetime lifetime = {};
  Requirement requirement = {};
  bool without_guests = false;  ///< of a group: nothing of it leaves as a text message
  UnixMs sent = {};             ///< later than now where it has to rank above what others said; 0: now
};

/// The conversation that a person names, made if there is none. Errors: not_registered, bad_handle.
Result<ConversationRecord, ComposeError> conversation_for(Work& work, std::string_view typed);

/// Queues a message to a handle as typed. Errors: those of conversation_for and check_text.
Result<session::MessageId, ComposeError> compose_text(Work& work, std::string_view handle,
                                                      std::string_view text);
/// Errors: empty, too_long, not_utf8, bad_markup.
Result<void, ComposeError> check_text(const v1::Text& text);

/// Queues what becomes an entry. Precondition: it keeps to the bounds (entry_of). Errors: blocked,
/// bad_lifetime.
Result<session::MessageId, ComposeError> compose_entry(Work& work, const ConversationRecord& conversation,
                                                       v1::Content content, const EntryTerms& terms = {});

/// What has no entry of its own: words about messages, receipts, signs of life.
struct Aside {
  session::MessageId id{};
  UnixMs sent;
  UnixMs until = {};  ///< not worth sending after that; 0: always
};
void compose_aside(Work& work, ConversationRow conversation, v1::Content content, const Aside& aside);

/// Contacts of direct conversations in which something composed waits. Asked with every input: costs what
/// they are, not what is queued for each.
std::vector<ContactId> contacts_to_reach(store::Database& database);
/// Signs what was composed for those who are known, and puts it into the outbox.
void sign_composed(Work& work);

}  // namespace sotto::client

#include "client/conversations/typing.h"

#include <algorithm>

#include "client/conversations/compose.h"
#include "client/requests/standing.h"
#include "client/sync/registers.h"

namespace sotto::client {
namespace {

using Write = v1::SyncEvent::Write;

bool is_awake(Work& work, const identity::AccountId& account) {
  store::Rows rows =
      work.db.query("SELECT coalesce(max(heard_ms), 0) FROM peer_device WHERE account = ?1", account);
  return rows.next() && elapsed(rows.time(0), work.now) <= kAwake;
}

}  // namespace

bool tell_typing(Work& work, const ConversationRecord& conversation, bool active) {
  if (conversation.kind != v1::Conversation::DIRECT) return false;
  const auto contact = find_contact(work.db, *conversation.contact);
  if (!contact || !contact->account || !is_awake(work, *contact->account)) return false;
  if (is_request(work.db, work.self, conversation)) return false;
  const ByteView subject = contact->account->view();
  if (number_of(work.db, Write::NO_TYPING, subject) != 0 ||
      number_of(work.db, Write::BLOCKED, subject) != 0) {
    return false;
  }
  v1::Content content;
  content.mutable_typing()->set_active(active);
  compose_aside(work, conversation.id, std::move(content),
                {.id = work.random.array<16>(), .sent = work.now, .until = work.now + kTypingLasts});
  return true;
}

void take_typing(Work& work, const session::VerifiedContent& content, ConversationRow conversation,
                 const v1::Typing& typing) {
  if (elapsed(content.facts.sent, work.now) > kTypingLasts) return;
  const auto record = load_conversation(work.db, conversation);
  const auto contact = find_contact(work.db, content.author.account);
  if (!record || !contact) return;
  auto* state = work.effects.events.emplace_back().mutable_typing();
  state->set_conversation(conversation_name(work.db, work.self, *record));
  state->set_sender(display_name(*contact));
  state->set_active(typing.active());
  state->set_until_ms((work.now + kTypingLasts).value);
}

}  // namespace sotto::client

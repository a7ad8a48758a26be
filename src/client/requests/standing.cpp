#include "client/requests/standing.h"

#include <algorithm>

#include "client/groups/conversations.h"
#include "client/requests/rules.h"
#include "client/sync/registers.h"
#include "client/verification/state.h"

namespace sotto::client {
namespace {

using Write = v1::SyncEvent::Write;

bool wrote_in(store::Database& database, ConversationRow conversation) {
  store::Rows rows = database.query(
      "SELECT 1 FROM message INDEXED BY message_written WHERE conversation = ?1 AND outgoing = 1"
      " AND system = 0 LIMIT 1",
      conversation);
  return rows.next();
}

bool is_blocked(store::Database& database, ByteView subject) {
  return number_of(database, Write::BLOCKED, subject) != 0;
}

/// In a group that the user accepted.
bool is_fellow(Work& work, const identity::AccountId& account) {
  for (const auto& group : known_groups(work.db)) {
    if (!is_known(work.db, group)) continue;
    const auto* history = work.run.histories.find(work.db, group);
    if (history != nullptr && is_member(work, *history) && history->state().roster.find(account) != nullptr)
      return true;
  }
  return false;
}

/// Of somebody who is not known: what the user's rule makes of it.
Reception by_rule(Work& work, const identity::AccountId& author, const v1::Content& parsed) {
  switch (contact_rule(work.db, work.self)) {
    case v1::ContactRules::OPEN: return Reception::accepted;
    case v1::ContactRules::ANYBODY: return Reception::request;
    case v1::ContactRules::GROUPS: return is_fellow(work, author) ? Reception::request : Reception::refused;
    case v1::ContactRules::LINK:
      return is_introduced(work.db, work.self, parsed) ? Reception::request : Reception::refused;
    default: return Reception::refused;
  }
}

}  // namespace

bool is_known(store::Database& database, const identity::AccountId& account) {
  if (number_of(database, Write::ACCEPTED, account.view()) != 0) return true;
  const auto contact = find_contact(database, account);
  if (contact && verification_of(*contact) > v1::PINNED_AT_FIRST_CONTACT) return true;
  if (!text_of(database, Write::NAME, account.view()).empty()) return true;
  const auto conversation = contact ? find_direct(database, contact->id) : std::nullopt;
  return conversation && wrote_in(database, conversation->id);
}

bool is_known(store::Database& database, const groups::GroupId& group) {
  if (number_of(database, Write::ACCEPTED, group) != 0) return true;
  const auto conversation = find_group_conversation(database, group);
  return conversation && wrote_in(database, conversation->id);
}

bool is_known_conversation(store::Database& database, const ConversationRecord& conversation) {
  if (conversation.group) return is_known(database, *conversation.group);
  if (conversation.kind != v1::Conversation::DIRECT) return true;
  const auto contact = find_contact(database, *conversation.contact);
  // Without an account it was the user who named them.
  return !contact || !contact->account || is_known(database, *contact->account);
}

bool is_request(store::Database& database, const Self& self, const ConversationRecord& conversation) {
  return !is_known_conversation(database, conversation) &&
         contact_rule(database, self) != v1::ContactRules::OPEN;
}

Reception reception_of(Work& work, const session::VerifiedContent& content, const v1::Content& parsed) {
  const auto& author = content.author.account;
  if (author == work.self.account_id()) return Reception::accepted;
  if (is_blocked(work.db, author.view())) return Reception::refused;
  const auto* group = std::get_if<groups::GroupId>(&content.facts.conversation);
  if (group != nullptr && is_blocked(work.db, *group)) return Reception::refused;
  const bool known = group != nullptr ? is_known(work.db, *group) : is_known(work.db, author);
  return known ? Reception::accepted : by_rule(work, author, parsed);
}

bool may_answer(Work& work, const identity::AccountId& account) {
  return account == work.self.account_id() || is_known(work.db, account) ||
         contact_rule(work.db, work.self) == v1::ContactRules::OPEN || is_fellow(work, account);
}

std::uint64_t count_requests(store::Database& database, const Self& self) {
  std::vector<ConversationRow> unseen;
  {
    store::Rows rows = database.query(
        "SELECT DISTINCT conversation FROM message INDEXED BY message_unread WHERE outgoing = 0 AND read < "
        "2");
    while (rows.next()) unseen.push_back(rows.integer(0));
  }
  return static_cast<std::uint64_t>(std::ranges::count_if(unseen, [&](ConversationRow row) {
    const auto conversation = load_conversation(database, row);
    return conversation && is_request(database, self, *conversation);
  }));
}

}  // namespace sotto::client

#include "client/conversations/requirement.h"

#include <algorithm>
#include <vector>

#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/verification/state.h"

namespace sotto::client {
namespace {

bool is_verified(store::Database& database, const identity::AccountId& account) {
  const auto contact = find_contact(database, account);
  if (!contact || contact->changed) return false;
  const auto how = verification_of(*contact);
  return how == v1::VERIFIED_BY_QR || how == v1::VERIFIED_BY_DIGITS;
}

/// The lowest of the sessions with all devices that the account's newest list has; 0 where one has none.
std::uint8_t lowest_level(Work& work, const identity::AccountId& account) {
  const auto manifest = load_manifest(work.db, account);
  if (!manifest) return 0;
  std::uint8_t lowest = 3;
  for (const auto& listed : manifest->manifest().devices) {
    if (work.self.is({account, listed.id})) continue;
    store::Rows rows = work.db.query("SELECT pq_level FROM peer_device WHERE account = ?1 AND device = ?2",
                                     account, listed.id);
    // As client_api.proto has it: 1 at the start, 2 renewed.
    const std::int64_t level = rows.next() ? rows.integer(0) : 0;
    if (level == 0) return 0;
    lowest = std::min<std::uint8_t>(lowest, level >= v1::SecurityState::PQ_CONTINUOUS ? 3 : 2);
  }
  return lowest;
}

/// Empty in the list: nobody knows yet whose account it is.
Result<void, ComposeError> check_accounts(Work& work, const Requirement& requirement,
                                          const std::vector<std::optional<identity::AccountId>>& accounts) {
  const auto level_of = [&](const std::optional<identity::AccountId>& account) {
    return account ? lowest_level(work, *account) : std::uint8_t{0};
  };
  for (const auto& account : accounts) {
    if (requirement.verified && (!account || !is_verified(work.db, *account))) {
      return err(ComposeError::requirement_verified);
    }
    if (level_of(account) < requirement.pq_level) return err(ComposeError::requirement_pq);
  }
  if (level_of(work.self.account_id()) < requirement.pq_level) return err(ComposeError::requirement_pq);
  return {};
}

Result<void, ComposeError> check_group(Work& work, const groups::GroupId& group,
                                       const Requirement& requirement, bool to_guests) {
  const auto* history = work.run.histories.find(work.db, group);
  if (history == nullptr) return err(ComposeError::no_conversation);
  const auto& state = history->state();
  if (to_guests && !state.guests.empty()) return err(ComposeError::requirement_guests);
  std::vector<std::optional<identity::AccountId>> others;
  for (const auto& member : state.roster.members) {
    if (member.name.account != work.self.account_id()) others.emplace_back(member.name.account);
  }
  return check_accounts(work, requirement, others);
}

}  // namespace

std::optional<Requirement> parse_requirement(std::string_view text) {
  Requirement out;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word == "pq>=2" || word == "pq>=3") {
      out.pq_level = static_cast<std::uint8_t>(word.back() - '0');
    } else if (word == "verified") {
      out.verified = true;
    } else {
      return std::nullopt;
    }
  }
  return out.any() ? std::optional(out) : std::nullopt;
}

Result<void, ComposeError> check_requirement(Work& work, const ConversationRecord& conversation,
                                             const Requirement& requirement, bool to_guests) {
  if (!requirement.any()) return {};
  switch (conversation.kind) {
    case v1::Conversation::SMS: return err(ComposeError::requirement_insecure);
    case v1::Conversation::DIRECT: {
      const auto contact = find_contact(work.db, *conversation.contact);
      return check_accounts(work, requirement, {contact ? contact->account : std::nullopt});
    }
    case v1::Conversation::GROUP: return check_group(work, *conversation.group, requirement, to_guests);
    default: return err(ComposeError::requirement_direct);
  }
}

void save_requirement(Work& work, std::int64_t message, const Requirement& requirement) {
  if (!requirement.any()) return;
  work.db.run("INSERT INTO requirement (message, pq_level, verified) VALUES (?1, ?2, ?3)", message,
              requirement.pq_level, requirement.verified);
}

std::string_view shortfall(Work& work, OutboxItemId item, const identity::AccountId& account,
                           const session::SecurityState& security) {
  if (account == work.self.account_id()) return {};
  store::Rows rows = work.db.query(
      "SELECT r.pq_level, r.verified FROM outbox_item o JOIN requirement r ON r.message = o.message"
      " WHERE o.id = ?1",
      item);
  if (!rows.next()) return {};
  if (security.pq_level < rows.integer(0)) {
    return "the session with a device of the recipient has a lower post-quantum level than you demanded";
  }
  if (rows.flag(1) && !is_verified(work.db, account)) {
    return "the recipient is not verified, as you demanded";
  }
  return {};
}

}  // namespace sotto::client

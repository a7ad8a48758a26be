#include "client/conversations/requirement.h"

#include <algorithm>

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
                                             const Requirement& requirement) {
  if (!requirement.any()) return {};
  if (conversation.kind == v1::Conversation::SMS) return err(ComposeError::requirement_insecure);
  if (conversation.kind != v1::Conversation::DIRECT) return err(ComposeError::requirement_direct);
  const auto contact = find_contact(work.db, *conversation.contact);
  const auto account = contact ? contact->account : std::nullopt;
  if (requirement.verified && (!account || !is_verified(work.db, *account))) {
    return err(ComposeError::requirement_verified);
  }
  if (requirement.pq_level == 0) return {};
  const bool met = account && lowest_level(work, *account) >= requirement.pq_level &&
                   lowest_level(work, work.self.account_id()) >= requirement.pq_level;
  if (!met) return err(ComposeError::requirement_pq);
  return {};
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

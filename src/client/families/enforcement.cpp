#include "client/families/enforcement.h"

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/families/records.h"
#include "client/inbox/said.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Strangers must not fill a child's store.
constexpr std::uint64_t kMaxHeld = 512;
constexpr DurationMs kHeldLifetime = days(30);

/// Until the first policy is here nobody is allowed but the guardian.
bool is_allowed(const families::Person& guardian, const std::optional<families::Policy>& policy,
                const families::Person& person) {
  if (person == guardian) return true;
  return policy && !policy->ended && policy->guardian == guardian && families::allows(*policy, person);
}

std::optional<families::Person> person_of(Work& work, const ConversationRecord& conversation) {
  const auto contact = conversation.contact ? find_contact(work.db, *conversation.contact) : std::nullopt;
  if (!contact || !contact->account || !contact->pinned) return std::nullopt;
  return families::Person{*contact->account, *contact->pinned};
}

/// All members of a group are allowed, and nobody outside takes part.
bool is_group_allowed(Work& work, const groups::GroupId& group, const families::Person& guardian,
                      const std::optional<families::Policy>& policy) {
  const auto* history = work.run.histories.find(work.db, group);
  if (history == nullptr || !history->state().guests.empty()) return false;
  for (const auto& member : history->state().roster.members) {
    if (member.name.account == work.self.account_id()) continue;
    if (!is_allowed(guardian, policy, {member.name.account, member.name.key})) return false;
  }
  return true;
}

bool has_room(store::Database& database) {
  store::Rows rows = database.query("SELECT count(*) FROM family_held");
  return rows.next() && rows.count(0) < kMaxHeld;
}

void hold(Work& work, const session::VerifiedContent& content, const v1::Content& parsed,
          const session::SecurityState& security) {
  const auto* group = std::get_if<session::GroupId>(&content.facts.conversation);
  Bytes heads;
  for (const auto& head : content.facts.group_heads) heads.insert(heads.end(), head.begin(), head.end());
  work.db.run(
      "INSERT INTO family_held (account, device, account_key, device_key, conversation_id, group_id, msg_id,"
      " sequence, sent_ms, heads, content, content_hash, pq_level, last_rekey_ms, received_ms) VALUES (?1, "
      "?2,"
      " ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
      content.author.account, content.author.device, content.author.account_key.octets(),
      content.author.device_key.octets(), content.conversation,
      group == nullptr ? std::nullopt : std::optional(to_bytes(*group)), content.facts.message_id,
      content.facts.sender_seq, content.facts.sent, heads, wire::encode(parsed), content.content_hash,
      security.pq_level, security.last_rekey, work.now);
}

struct Held {
  std::int64_t id = 0;
  session::VerifiedContent content;
  v1::Content parsed;
  session::SecurityState security;
};

Held read_held(Work& work, const store::Rows& rows) {
  const auto fingerprint = [&](int column) {
    return crypto::Fingerprint::from_octets(rows.array<crypto::Fingerprint::kSize>(column));
  };
  Held held{.id = rows.integer(0),
            .content = {.author = {rows.id<identity::AccountId>(1), rows.id<identity::DeviceId>(2),
                                   fingerprint(3), fingerprint(4)},
                        .conversation = {},
                        .facts = {},
                        .content = {},
                        .content_hash = {}},
            .parsed = {},
            .security = {}};
  auto& facts = held.content.facts;
  held.content.conversation = rows.array<std::tuple_size_v<session::ConversationId>>(5);
  if (rows.is_null(6)) {
    facts.conversation = work.self.account_id();
  } else {
    facts.conversation = rows.array<std::tuple_size_v<session::GroupId>>(6);
  }
  facts.message_id = rows.array<std::tuple_size_v<session::MessageId>>(7);
  facts.sender_seq = rows.count(8);
  facts.sent = rows.time(9);
  constexpr std::size_t kHead = std::tuple_size_v<session::GroupHead>;
  const Bytes heads = rows.octets(10);
  for (ByteView rest = heads; rest.size() >= kHead; rest = rest.subspan(kHead)) {
    facts.group_heads.push_back(to_array<kHead>(rest.first(kHead)));
  }
  held.content.content = rows.octets(11);
  if (!wire::decode(held.content.content, held.content.content.size(), held.parsed)) work.db.report_damage();
  held.content.content_hash = rows.array<16>(12);
  held.security.established = true;
  held.security.pq_level = static_cast<std::uint8_t>(rows.integer(13));
  held.security.last_rekey = rows.time(14);
  return held;
}

std::vector<Held> all_held(Work& work) {
  std::vector<Held> out;
  store::Rows rows = work.db.query(
      "SELECT id, account, device, account_key, device_key, conversation_id, group_id, msg_id, sequence, "
      "sent_ms,"
      " heads, content, content_hash, pq_level, last_rekey_ms FROM family_held ORDER BY id");
  while (rows.next()) out.push_back(read_held(work, rows));
  return out;
}

}  // namespace

Result<void, ComposeError> check_family(Work& work, const ConversationRecord& conversation) {
  const auto guardian = guardian_of(work.db);
  if (!guardian || conversation.kind == v1::Conversation::NOTES) return {};
  const auto policy = policy_for(work.db, work.self.account_id());
  const auto person = person_of(work, conversation);
  // Whose account is still to be looked up is measured when it is known: nothing leaves before.
  if (conversation.kind == v1::Conversation::DIRECT && !person) return {};
  if (person && *person == *guardian) return {};
  const bool allowed = conversation.group ? is_group_allowed(work, *conversation.group, *guardian, policy)
                                          : person && is_allowed(*guardian, policy, *person);
  if (!allowed) return err(ComposeError::family_stranger);
  if (policy && !families::is_open(*policy, work.now)) return err(ComposeError::family_closed);
  return {};
}

std::string explain(store::Database& database, ComposeError error) {
  std::string words(describe(error));
  const auto guardian = guardian_of(database);
  constexpr std::string_view kWho = "your guardian";
  const std::size_t at = words.find(kWho);
  const bool theirs = error == ComposeError::family_stranger || error == ComposeError::family_closed ||
                      error == ComposeError::family_classifier;
  if (!theirs || !guardian || at == std::string::npos) return words;
  const auto contact = find_contact(database, guardian->account);
  const std::string name = contact ? display_name(*contact) : to_hex(guardian->account.view());
  return words.insert(at + kWho.size(), " " + name);
}

bool withhold_from_child(Work& work, const session::VerifiedContent& content, const v1::Content& parsed,
                         const session::SecurityState& security) {
  const auto guardian = guardian_of(work.db);
  if (!guardian || content.author.account == work.self.account_id()) return false;
  const auto policy = policy_for(work.db, work.self.account_id());
  if (is_allowed(*guardian, policy, {content.author.account, content.author.account_key})) return false;
  const bool holds = (!policy || policy->hold_strangers) && !parsed.has_typing();
  if (holds && has_room(work.db)) hold(work, content, parsed, security);
  return true;
}

void release_held_from_child(Work& work) {
  const auto guardian = guardian_of(work.db);
  const auto policy = policy_for(work.db, work.self.account_id());
  for (const Held& held : all_held(work)) {
    const families::Person author{held.content.author.account, held.content.author.account_key};
    if (guardian && !is_allowed(*guardian, policy, author)) continue;
    work.db.run("DELETE FROM family_held WHERE id = ?1", held.id);
    take_said(work, held.content, held.parsed, held.security);
  }
}

void expire_held_from_child(Work& work) {
  work.db.run("DELETE FROM family_held WHERE received_ms < ?1",
              UnixMs{work.now.value - std::min(work.now.value, kHeldLifetime.value)});
}

}  // namespace sotto::client

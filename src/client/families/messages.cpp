#include "client/families/messages.h"

#include "bytes/hex.h"
#include "client/contacts/manifests.h"
#include "client/conversations/author.h"
#include "client/conversations/text_rules.h"
#include "client/families/enforcement.h"
#include "client/families/policies.h"
#include "client/outbox/queue.h"
#include "client/sync/registers.h"
#include "families/signed_policy.h"
#include "identity/handle.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using Write = v1::SyncEvent::Write;

/// A child that asks for everybody asks for nobody.
constexpr std::uint64_t kMaxRequests = 100;
/// Offers that are kept: whoever knows the account can send one.
constexpr std::uint64_t kMaxOffers = 8;
constexpr DurationMs kAskInterval = minutes(10);

families::Person author_of(const session::VerifiedContent& content) {
  return {content.author.account, content.author.account_key};
}

std::uint64_t count(store::Rows rows) { return rows.next() ? rows.count(0) : 0; }

void take_offer(Work& work, const families::Person& guardian) {
  if (count(work.db.query("SELECT count(*) FROM family_offer")) >= kMaxOffers) return;
  work.db.run("INSERT OR REPLACE INTO family_offer (guardian, key, received_ms) VALUES (?1, ?2, ?3)",
              guardian.account, guardian.key.octets(), work.now);
  auto* record = work.effects.events.emplace_back().mutable_family();
  *record = guardian_record(work.db, work.self, guardian);
  record->set_accepted(false);
}

void announce_child(Work& work, const Child& child) {
  *work.effects.events.emplace_back().mutable_family() = child_record(work.db, work.self, child);
}

/// Somebody took this account for their guardian, which it offered.
void take_acceptance(Work& work, const families::Person& author) {
  const auto child = find_child(work.db, author.account);
  if (!child || child->person != author || child->accepted) return;
  register_family(work, Write::CHILD, author, kChildAccepted);
  // Without one a child may write with nobody, and would ask for it for ever.
  put_in_force(work, {author, true}, present_policy(work, author));
  announce_child(work, {author, true});
}

void refuse_policy(Work& work, families::PolicyError error) {
  report_problem(work, v1::Problem::FAMILY_POLICY_REFUSED,
                 "a guardian's policy was refused: it " + std::string(families::describe(error)));
}

/// Somebody takes back that they would be the guardian; nothing else counts of who is not.
void take_withdrawal(Work& work, const families::Person& author, ByteView octets) {
  const auto manifest = load_manifest(work.db, author.account);
  if (!manifest) return;
  const auto policy = families::verify(octets, {own_person(work.self), author, 0}, *manifest);
  if (!policy || !policy->ended) return;
  work.db.run("DELETE FROM family_offer WHERE guardian = ?1", author.account);
  auto* record = work.effects.events.emplace_back().mutable_family();
  *record = guardian_record(work.db, work.self, author);
  record->set_accepted(false);
}

void take_policy(Work& work, const families::Person& author, ByteView octets) {
  const auto guardian = guardian_of(work.db);
  if (!guardian) return take_withdrawal(work, author, octets);
  const auto manifest = load_manifest(work.db, guardian->account);
  if (!manifest) return;  // it is asked for again
  const auto known = policy_for(work.db, work.self.account_id());
  const bool same = known && known->guardian == *guardian;
  const auto policy =
      families::verify(octets, {own_person(work.self), *guardian, same ? known->version : 0}, *manifest);
  if (!policy) {
    if (policy.error() != families::PolicyError::not_newer) refuse_policy(work, policy.error());
    return;
  }
  save_policy(work.db, *policy, octets);
  if (policy->ended) register_family(work, Write::GUARDIAN, *guardian, 0);
  auto* record = work.effects.events.emplace_back().mutable_family();
  *record = guardian_record(work.db, work.self, *guardian);
  record->set_accepted(!policy->ended);
  release_held_from_child(work);
}

/// Another own device made it for a child.
void take_own_policy(Work& work, ByteView octets) {
  const auto manifest = load_manifest(work.db, work.self.account_id());
  const auto parsed = families::from_own_store(octets);
  const auto child = parsed ? find_child(work.db, parsed->child.account) : std::nullopt;
  if (!manifest || !child) return;
  const auto known = policy_for(work.db, child->person.account);
  const std::uint64_t version = known && known->child == child->person ? known->version : 0;
  const auto policy = families::verify(octets, {child->person, own_person(work.self), version}, *manifest);
  if (!policy) return;
  save_policy(work.db, *policy, octets);
  announce_child(work, *child);
}

void take_contact_request(Work& work, const families::Person& author,
                          const v1::FamilyMessage::ContactRequest& request) {
  const auto child = find_child(work.db, author.account);
  const auto account = identity::AccountId::from(wire::octets(request.account()));
  const auto handle = identity::Handle::parse(request.handle());
  const bool sound = child && child->accepted && child->person == author && account && handle &&
                     request.key().size() == crypto::Fingerprint::kSize &&
                     (request.note().empty() || is_line(request.note()));
  const bool room = count(work.db.query("SELECT count(*) FROM family_request WHERE child = ?1",
                                        author.account)) < kMaxRequests;
  if (!sound || !room) return;
  work.db.run(
      "INSERT OR REPLACE INTO family_request (child, account, key, handle, note, time_ms) VALUES (?1, ?2, "
      "?3, "
      "?4, ?5, ?6)",
      author.account, *account, wire::octets(request.key()), std::string_view(handle->text()),
      std::string_view(request.note()), work.now);
  for (auto& record : family_requests(work.db)) {
    if (record.child() == to_hex(author.account.view()) && record.account() == to_hex(account->view())) {
      *work.effects.events.emplace_back().mutable_family_request() = std::move(record);
    }
  }
}

/// A device of a child lacks the policy.
void answer_child(Work& work, const families::Person& author) {
  const auto child = find_child(work.db, author.account);
  if (!child || child->person != author) return;
  take_acceptance(work, author);
  store::Rows rows = work.db.query("SELECT octets FROM family_policy WHERE child = ?1", author.account);
  if (!rows.next()) return;
  v1::FamilyMessage message;
  message.set_policy(wire::field(rows.octets(0)));
  tell_family(work, author.account, message);
}

}  // namespace

void tell_family(Work& work, const identity::AccountId& account, const v1::FamilyMessage& message) {
  v1::Content content;
  *content.mutable_family() = message;
  content.set_sender_handle(work.self.handle);
  const auto authored = author_content(work, account, content, work.random.array<16>(), work.now);
  queue_content(work, {.account = work.self.account_id(), .device = {}, .message = {}}, authored);
  queue_content(work, {.account = account, .device = {}, .message = {}}, authored);
}

void take_family_message(Work& work, const session::VerifiedContent& content,
                         const v1::FamilyMessage& message) {
  using Step = v1::FamilyMessage;
  const auto author = author_of(content);
  if (author.account == work.self.account_id()) {
    if (message.step_case() == Step::kPolicy) take_own_policy(work, wire::octets(message.policy()));
    return;
  }
  switch (message.step_case()) {
    case Step::kOffer: return take_offer(work, author);
    case Step::kAccepted: return take_acceptance(work, author);
    case Step::kPolicy: return take_policy(work, author, wire::octets(message.policy()));
    case Step::kContact: return take_contact_request(work, author, message.contact());
    case Step::kWantPolicy: return answer_child(work, author);
    case Step::STEP_NOT_SET: return;
  }
}

void register_family(Work& work, Write::Kind kind, const families::Person& person, std::uint64_t number) {
  write_register(work, kind, person.account.view(), number, to_hex(person.key.octets()));
}

void keep_family(Work& work) {
  const auto guardian = guardian_of(work.db);
  if (!guardian) return;
  const auto policy = policy_for(work.db, work.self.account_id());
  if (policy && policy->guardian == *guardian && !policy->ended) return;
  UnixMs& asked = work.run.asked_guardian;
  if (asked.value > 0 && !has_passed(kAskInterval, asked, work.now)) return;
  asked = work.now;
  v1::FamilyMessage message;
  message.set_want_policy(true);
  tell_family(work, guardian->account, message);
}

}  // namespace sotto::client

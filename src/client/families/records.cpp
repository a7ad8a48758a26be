#include "client/families/records.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/records.h"
#include "families/signed_policy.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {
namespace {

using Write = v1::SyncEvent::Write;

constexpr std::uint64_t kAccepted = 2;

std::string name_of(store::Database& database, const identity::AccountId& account) {
  const auto contact = find_contact(database, account);
  return contact ? display_name(*contact) : to_hex(account.view());
}

struct Registered {
  families::Person person;
  std::uint64_t number;
};

/// Registers whose subject is an account and whose text is its fingerprint, but for those at 0.
std::vector<Registered> registered(store::Database& database, Write::Kind kind) {
  std::vector<Registered> out;
  store::Rows rows = database.query(
      "SELECT subject, text, number FROM register WHERE kind = ?1 AND number > 0 ORDER BY subject", kind);
  while (rows.next()) {
    const auto account = identity::AccountId::from(rows.octets(0));
    const auto key = from_hex(rows.text(1));
    if (!account || !key || key->size() != crypto::Fingerprint::kSize) continue;
    out.push_back({{*account, crypto::Fingerprint::from_octets(to_array<32>(*key))}, rows.count(2)});
  }
  return out;
}

void add_policy(store::Database& database, const families::Policy& policy, v1::FamilyPolicy& record) {
  record.set_version(policy.version);
  record.set_time_ms(policy.time.value);
  record.set_blur_pictures(policy.blur_pictures);
  record.set_blur_all_pictures(policy.blur_all_pictures);
  record.set_hold_strangers(policy.hold_strangers);
  record.set_limited_hours(policy.limited_hours);
  record.set_utc_offset_min(policy.utc_offset_min);
  for (const auto& window : policy.hours) {
    auto* hours = record.add_hours();
    hours->set_day(window.day);
    hours->set_from_min(window.from_min);
    hours->set_until_min(window.until_min);
  }
  for (const auto& person : policy.allowed) {
    auto* allowed = record.add_allowed();
    allowed->set_account(to_hex(person.account.view()));
    allowed->set_name(name_of(database, person.account));
    allowed->set_fingerprint(to_hex(person.key.octets()));
  }
}

/// For this account, if it is a child.
std::optional<families::Policy> policy_in_force(store::Database& database, const Self& self) {
  if (!self.account || !guardian_of(database)) return std::nullopt;
  auto policy = policy_for(database, self.account->id);
  return policy && !policy->ended ? policy : std::nullopt;
}

v1::Family record_of(store::Database& database, const families::Person& person) {
  v1::Family record;
  record.set_account(to_hex(person.account.view()));
  record.set_name(name_of(database, person.account));
  record.set_fingerprint(to_hex(person.key.octets()));
  if (const auto contact = find_contact(database, person.account)) {
    *record.mutable_devices() = contact_record(database, *contact).devices();
  }
  return record;
}

}  // namespace

families::Person own_person(const Self& self) {
  return {self.account_id(), self.account->key.public_key().fingerprint()};
}

std::optional<families::Person> guardian_of(store::Database& database) {
  const auto found = registered(database, Write::GUARDIAN);
  return found.empty() ? std::nullopt : std::optional(found.front().person);
}

std::vector<Child> children_of(store::Database& database) {
  std::vector<Child> out;
  for (const auto& each : registered(database, Write::CHILD)) {
    out.push_back({each.person, each.number == kAccepted});
  }
  return out;
}

std::optional<Child> find_child(store::Database& database, const identity::AccountId& account) {
  for (const auto& child : children_of(database)) {
    if (child.person.account == account) return child;
  }
  return std::nullopt;
}

std::optional<families::Policy> policy_for(store::Database& database, const identity::AccountId& child) {
  store::Rows rows = database.query("SELECT octets FROM family_policy WHERE child = ?1", child);
  if (!rows.next()) return std::nullopt;
  auto policy = families::from_own_store(rows.octets(0));
  if (policy) return *std::move(policy);
  database.report_damage();
  return std::nullopt;
}

void save_policy(store::Database& database, const families::Policy& policy, ByteView octets) {
  database.run("INSERT OR REPLACE INTO family_policy (child, version, octets) VALUES (?1, ?2, ?3)",
               policy.child.account, policy.version, octets);
}

bool must_blur_pictures(store::Database& database, const Self& self) {
  const auto policy = policy_in_force(database, self);
  return policy && policy->blur_pictures;
}

bool must_blur_all_pictures(store::Database& database, const Self& self) {
  const auto policy = policy_in_force(database, self);
  return policy && policy->blur_all_pictures;
}

v1::Family guardian_record(store::Database& database, const Self& self, const families::Person& guardian) {
  v1::Family record = record_of(database, guardian);
  record.set_role(v1::Family::GUARDIAN);
  record.set_accepted(true);
  const auto policy = policy_for(database, self.account_id());
  if (policy && policy->guardian == guardian) add_policy(database, *policy, *record.mutable_policy());
  return record;
}

v1::Family child_record(store::Database& database, const Self& self, const Child& child) {
  v1::Family record = record_of(database, child.person);
  record.set_own_fingerprint(to_hex(own_person(self).key.octets()));
  record.set_role(v1::Family::CHILD);
  record.set_accepted(child.accepted);
  const auto policy = policy_for(database, child.person.account);
  if (policy && policy->child == child.person) add_policy(database, *policy, *record.mutable_policy());
  return record;
}

std::vector<v1::Family> family_records(store::Database& database, const Self& self) {
  std::vector<v1::Family> out;
  if (!self.account) return out;
  if (const auto guardian = guardian_of(database)) out.push_back(guardian_record(database, self, *guardian));
  for (const auto& child : children_of(database)) out.push_back(child_record(database, self, child));
  return out;
}

UnixMs oldest_offer(UnixMs now) { return {now.value - std::min(now.value, kOfferLifetime.value)}; }

std::vector<v1::Family> guardian_offers(store::Database& database, const Self& self, UnixMs now) {
  std::vector<v1::Family> out;
  if (!self.account || guardian_of(database) || !children_of(database).empty()) return out;
  store::Rows rows = database.query(
      "SELECT guardian, key FROM family_offer WHERE received_ms >= ?1 ORDER BY received_ms, guardian",
      oldest_offer(now));
  while (rows.next()) {
    const families::Person guardian{rows.id<identity::AccountId>(0),
                                    crypto::Fingerprint::from_octets(rows.array<32>(1))};
    out.push_back(guardian_record(database, self, guardian));
    out.back().set_accepted(false);
  }
  return out;
}

std::vector<v1::FamilyRequest> family_requests(store::Database& database) {
  std::vector<v1::FamilyRequest> out;
  store::Rows rows = database.query(
      "SELECT child, account, key, handle, note, time_ms FROM family_request ORDER BY time_ms, account");
  while (rows.next()) {
    auto& request = out.emplace_back();
    const auto child = rows.id<identity::AccountId>(0);
    request.set_child(to_hex(child.view()));
    request.set_child_name(name_of(database, child));
    request.set_account(to_hex(rows.octets(1)));
    request.set_fingerprint(to_hex(rows.octets(2)));
    request.set_handle(rows.text(3));
    request.set_note(rows.text(4));
    request.set_time_ms(rows.count(5));
  }
  return out;
}

}  // namespace sotto::client

// Who is guardian and who child, what policy is in force, and the records made of that.
#pragma once

#include <optional>
#include <vector>

#include "client/accounts/self.h"
#include "client/store/database.h"
#include "clock/clock.h"
#include "families/policy.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// This account under its present key.
families::Person own_person(const Self& self);

/// Whom this account accepted as its guardian. All its devices agree (content.proto Write.GUARDIAN).
std::optional<families::Person> guardian_of(store::Database& database);
/// Accounts that accepted this one as their guardian, or were offered that.
struct Child {
  families::Person person;
  bool accepted = false;
};
std::vector<Child> children_of(store::Database& database);
std::optional<Child> find_child(store::Database& database, const identity::AccountId& account);

/// The newest verified policy for a child, which may be this account. Empty: none has come.
std::optional<families::Policy> policy_for(store::Database& database, const identity::AccountId& child);
void save_policy(store::Database& database, const families::Policy& policy, ByteView octets);

// What the guardian wants of pictures of others (docs/specs/media-sandbox.md 8).
/// Those that the classifier takes for sensitive are blurred, whatever the user prefers.
bool must_blur_pictures(store::Database& database, const Self& self);
/// All are, whether or not there is a classifier.
bool must_blur_all_pictures(store::Database& database, const Self& self);

/// An offer counts for as long as somebody has the other's device in the hand; not for a year.
inline constexpr DurationMs kOfferLifetime = days(7);

/// Offers from before this time are none any more.
UnixMs oldest_offer(UnixMs now);
/// The guardian of this account, or its children.
std::vector<v1::Family> family_records(store::Database& database, const Self& self);
/// Who offers to be its guardian, the oldest first; nobody where none could be accepted.
std::vector<v1::Family> guardian_offers(store::Database& database, const Self& self, UnixMs now);
v1::Family guardian_record(store::Database& database, const Self& self, const families::Person& guardian);
v1::Family child_record(store::Database& database, const Self& self, const Child& child);
/// What children ask for, the oldest first.
std::vector<v1::FamilyRequest> family_requests(store::Database& database);

}  // namespace sotto::client

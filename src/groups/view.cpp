#include "groups/view.h"

#include <algorithm>
#include <tuple>

#include "result/check.h"

namespace sotto::groups {
namespace {

bool knows_all(const Cut& past, std::span<const Index> list) {
  return std::ranges::all_of(list, [&](Index index) { return past.contains(index); });
}

/// Under which key and in which role a join brings the account in.
std::pair<crypto::Fingerprint, Role> entry_of(const Operation& join, const AccountId& account) {
  if (const auto* approve = std::get_if<Approve>(&join.act)) return {approve->member.key, Role::member};
  const auto* create = std::get_if<Create>(&join.act);
  if (create != nullptr && join.author.account == account) return {join.author.account_key, Role::owner};
  const auto& members = create != nullptr ? create->members : std::get<Add>(join.act).members;
  const auto at = std::ranges::find(members, account, &MemberName::account);
  SOTTO_CHECK(at != members.end());
  return {at->key, Role::member};
}

}  // namespace

std::vector<Index> View::counting(std::span<const Index> list) const {
  std::vector<Index> out;
  std::ranges::copy_if(list, std::back_inserter(out), [&](Index index) { return counts(index); });
  return out;
}

std::vector<Index> View::ends_of(std::span<const Index> list) const {
  std::vector<Index> out;
  std::ranges::copy_if(list, std::back_inserter(out), [&](Index index) {
    return std::ranges::none_of(list, [&](Index other) { return graph_.node(other).past.contains(index); });
  });
  return out;
}

Index View::latest_of(std::span<const Index> list) const {
  const auto ends = ends_of(list);
  SOTTO_CHECK(!ends.empty());
  return *std::ranges::max_element(ends, {}, [&](Index index) {
    return std::tuple(graph_.operation(index).time, graph_.node(index).operation.hash());
  });
}

std::optional<View::Membership> View::membership(const AccountId& account) const {
  const AccountEvents* events = graph_.events(account);
  if (events == nullptr) return std::nullopt;
  const auto departures = counting(events->departures);
  const auto after_all_departures = [&](const std::vector<Index>& list) {
    auto out = counting(list);
    std::erase_if(out, [&](Index index) { return !knows_all(graph_.node(index).past, departures); });
    return out;
  };
  auto joins = after_all_departures(events->joins);
  if (joins.empty()) return std::nullopt;
  const Index join = latest_of(joins);
  Membership out{entry_of(graph_.operation(join), account).first, Role::owner, join};
  auto says_role = std::move(joins);
  std::ranges::copy(after_all_departures(events->roles), std::back_inserter(says_role));
  for (const Index index : ends_of(says_role)) {
    const Operation& operation = graph_.operation(index);
    const auto* role = std::get_if<SetRole>(&operation.act);
    out.role = std::min(out.role, role != nullptr ? role->role : entry_of(operation, account).second);
  }
  return out;
}

bool View::somebody_has(Role role) const {
  return std::ranges::any_of(graph_.accounts(), [&](const auto& entry) {
    if (entry.second.highest < role) return false;
    const auto membership = this->membership(entry.first);
    return membership && membership->role == role;
  });
}

Role View::acting_role(Role role) const {
  for (const Role higher : {Role::owner, Role::admin}) {
    if (role == higher) return Role::owner;
    if (somebody_has(higher)) return role;
  }
  return Role::owner;
}

std::size_t View::count_members() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      graph_.accounts(), [&](const auto& entry) { return membership(entry.first).has_value(); }));
}

std::optional<Index> View::latest(Property property) const {
  const auto changes = counting(graph_.changes(property));
  if (changes.empty()) return std::nullopt;
  return latest_of(changes);
}

bool View::lets_guests_in() const {
  const auto index = latest(Property::guests);
  return index && std::get<Set>(graph_.operation(*index).act).value != 0;
}

std::optional<Index> View::guest(const Bytes& number) const {
  const auto known = graph_.guests().find(number);
  if (known == graph_.guests().end() || !lets_guests_in()) return std::nullopt;
  auto departures = counting(known->second.removals);
  std::ranges::copy(counting(graph_.closings()), std::back_inserter(departures));
  auto additions = counting(known->second.additions);
  std::erase_if(additions, [&](Index index) {
    const Author& sponsor = graph_.operation(index).author;
    const Cut& past = graph_.node(index).past;
    const auto membership = this->membership(sponsor.account);
    const bool vouches = membership && membership->key == sponsor.account_key &&
                         knows_all(past, counting(graph_.events(sponsor.account)->departures));
    return !vouches || !knows_all(past, departures);
  });
  if (additions.empty()) return std::nullopt;
  return latest_of(additions);
}

std::size_t View::count_guests() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      graph_.guests(), [&](const auto& entry) { return guest(entry.first).has_value(); }));
}

bool View::has_left(const Author& author) const {
  const AccountEvents* events = graph_.events(author.account);
  if (events == nullptr) return false;
  return std::ranges::any_of(counting(events->left), [&](Index index) {
    const Operation& operation = graph_.operation(index);
    const auto& devices = std::get<DevicesLeft>(operation.act).devices;
    return operation.author.manifest_version >= author.manifest_version &&
           std::ranges::find(devices, author.device_key) != devices.end();
  });
}

}  // namespace sotto::groups

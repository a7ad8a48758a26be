#include "groups/state.h"

#include <algorithm>
#include <tuple>

#include "result/check.h"

namespace sotto::groups {
namespace {

struct Entry {
  Member member;
  OperationHash join;
};

/// Who acted without knowing of each other can have let in too many: then those of higher roles stay, and of
/// equal ones those of the smaller joins.
void keep_most_members(std::vector<Entry>& entries) {
  if (entries.size() <= kMaxMembers) return;
  std::ranges::sort(entries, {}, [](const Entry& entry) {
    return std::tuple(-static_cast<int>(entry.member.role), entry.join, entry.member.name.account);
  });
  entries.erase(entries.begin() + kMaxMembers, entries.end());
  std::ranges::sort(entries, {}, [](const Entry& entry) { return entry.member.name.account; });
}

Roster roster_of(const View& view) {
  std::vector<Entry> entries;
  for (const auto& [account, events] : view.graph().accounts()) {
    const auto membership = view.membership(account);
    if (!membership) continue;
    entries.push_back({{{account, membership->key}, membership->role},
                       view.graph().node(membership->join).operation.hash()});
  }
  keep_most_members(entries);
  Roster out{view.graph().node(0).operation.group(), {}};
  for (const Entry& entry : entries) out.members.push_back(entry.member);
  return out;
}

/// Who was let in beside each other can be too many: then those of the smaller operations are in.
std::vector<Guest> guests_of(const View& view) {
  std::vector<std::pair<OperationHash, Guest>> entries;
  for (const auto& [number, events] : view.graph().guests()) {
    const auto index = view.guest(number);
    if (!index) continue;
    const Operation& added = view.graph().operation(*index);
    entries.push_back({view.graph().node(*index).operation.hash(),
                       {number, std::get<AddGuest>(added.act).name, added.author.member()}});
  }
  if (entries.size() > kMaxGuests) {
    std::ranges::sort(entries, {}, [](const auto& entry) { return entry.first; });
    entries.erase(entries.begin() + kMaxGuests, entries.end());
    std::ranges::sort(entries, {}, [](const auto& entry) { return entry.second.number; });
  }
  std::vector<Guest> out;
  for (auto& entry : entries) out.push_back(std::move(entry.second));
  return out;
}

const Act* latest_act(const View& view, Property property) {
  const auto index = view.latest(property);
  return index ? &view.graph().operation(*index).act : nullptr;
}

std::optional<InviteLink> link_of(const View& view) {
  const auto index = view.latest(Property::link);
  if (!index) return std::nullopt;
  const auto& secret = std::get<SetLink>(view.graph().operation(*index).act).secret;
  if (!secret) return std::nullopt;
  InviteLink out{*secret, view.graph().node(*index).operation.hash(), {}};
  for (const Index refusal : view.graph().refusals()) {
    const auto& act = std::get<Refuse>(view.graph().operation(refusal).act);
    if (view.counts(refusal) && act.link == out.operation) out.refused.push_back(act.account);
  }
  std::ranges::sort(out.refused);
  const auto [first, last] = std::ranges::unique(out.refused);
  out.refused.erase(first, last);
  return out;
}

Bytes name_of(const View& view) {
  const Act* act = latest_act(view, Property::name);
  SOTTO_CHECK(act != nullptr);  // the beginning gave it one
  const auto* create = std::get_if<Create>(act);
  return create != nullptr ? create->name : std::get<Rename>(*act).name;
}

std::uint64_t setting_of(const View& view, Property property) {
  const Act* act = latest_act(view, property);
  return act == nullptr ? 0 : std::get<Set>(*act).value;
}

}  // namespace

const Guest* GroupState::find_guest(ByteView number) const {
  const auto at =
      std::ranges::find_if(guests, [&](const Guest& guest) { return equal(guest.number, number); });
  return at == guests.end() ? nullptr : &*at;
}

GroupState state_of(const View& view) {
  GroupState out;
  out.name = name_of(view);
  if (const Act* photo = latest_act(view, Property::photo)) out.photo = std::get<SetPhoto>(*photo).descriptor;
  out.link = link_of(view);
  out.timer = {setting_of(view, Property::timer)};
  out.guests_allowed = view.lets_guests_in();
  out.guests = guests_of(view);
  out.roster = roster_of(view);
  return out;
}

}  // namespace sotto::groups

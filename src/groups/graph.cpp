#include "groups/graph.h"

#include <cstring>

#include "groups/attack.h"
#include "result/check.h"

namespace sotto::groups {

std::optional<Property> property_of(const Act& act) {
  if (std::holds_alternative<Create>(act) || std::holds_alternative<Rename>(act)) return Property::name;
  if (std::holds_alternative<SetPhoto>(act)) return Property::photo;
  if (std::holds_alternative<SetLink>(act)) return Property::link;
  if (const auto* set = std::get_if<Set>(&act)) {
    return set->setting == Setting::timer ? Property::timer : Property::guests;
  }
  return std::nullopt;
}

std::size_t Graph::FirstOctets::operator()(const OperationHash& hash) const {
  std::size_t out = 0;
  std::memcpy(&out, hash.data(), sizeof out);
  return out;
}

/// Puts a new operation on the lists where it will be looked for.
class Graph::Filing {
 public:
  Filing(Graph& graph, Index index, const Author& author) : graph_(graph), index_(index), author_(author) {}

  void operator()(const Create& act) {
    AccountEvents& owner = graph_.accounts_[author_.account];
    owner.joins.push_back(index_);
    owner.highest = Role::owner;
    joined(act.members);
  }
  void operator()(const Add& act) { joined(act.members); }
  void operator()(const Approve& act) { graph_.accounts_[act.member.account].joins.push_back(index_); }
  void operator()(const Remove& act) {
    for (const AccountId& account : act.members) graph_.accounts_[account].departures.push_back(index_);
  }
  void operator()(const Leave& /*act*/) { graph_.accounts_[author_.account].departures.push_back(index_); }
  void operator()(const SetRole& act) {
    AccountEvents& events = graph_.accounts_[act.member];
    events.roles.push_back(index_);
    events.highest = std::max(events.highest, act.role);
  }
  void operator()(const DevicesLeft& /*act*/) { graph_.accounts_[author_.account].left.push_back(index_); }
  void operator()(const Refuse& /*act*/) { graph_.refusals_.push_back(index_); }
  void operator()(const AddGuest& act) { graph_.guests_[act.number].additions.push_back(index_); }
  void operator()(const RemoveGuest& act) { graph_.guests_[act.number].removals.push_back(index_); }
  void operator()(const Set& act) {
    if (act.setting == Setting::guests && act.value == 0) graph_.closings_.push_back(index_);
  }
  template <typename Other>
  void operator()(const Other& /*act*/) {}

 private:
  void joined(const std::vector<MemberName>& members) {
    for (const MemberName& member : members) graph_.accounts_[member.account].joins.push_back(index_);
  }

  Graph& graph_;
  Index index_;
  const Author& author_;
};

std::optional<Index> Graph::find(const OperationHash& hash) const {
  const auto found = by_hash_.find(hash);
  if (found == by_hash_.end()) return std::nullopt;
  return found->second;
}

std::optional<Cut> Graph::past_of(std::span<const OperationHash> hashes) const {
  Cut out;
  for (const OperationHash& hash : hashes) {
    const auto index = find(hash);
    if (!index) return std::nullopt;
    out.unite(nodes_[*index].past);
    out.insert(*index);
  }
  return out;
}

const AccountEvents* Graph::events(const AccountId& account) const {
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? nullptr : &found->second;
}

Index Graph::insert(VerifiedOperation operation, Cut past) {
  const auto index = static_cast<Index>(nodes_.size());
  SOTTO_CHECK(by_hash_.emplace(operation.hash(), index).second);
  nodes_.push_back({std::move(operation), std::move(past), {}, false});
  const Operation& inserted = this->operation(index);
  if (const auto property = property_of(inserted.act)) {
    changes_[static_cast<std::size_t>(*property)].push_back(index);
  }
  std::visit(Filing(*this, index, inserted.author), inserted.act);
  find_attackers(index);
  accounts_[inserted.author.account].authored.push_back(index);
  return index;
}

void Graph::add_attack(Index attacker, Index attacked) {
  // Of two operations only the one that came later can build on the other.
  const auto [earlier, later] = std::minmax(attacker, attacked);
  if (nodes_[later].past.contains(earlier)) return;
  if (!undoes(operation(attacker), operation(attacked))) return;
  nodes_[attacked].attackers.push_back(attacker);
  nodes_[attacker].attacks = true;
}

void Graph::find_attackers(Index index) {
  const auto attack_all = [&](const AccountId& account) {
    const AccountEvents* events = this->events(account);
    if (events == nullptr) return;
    for (const Index other : events->authored) add_attack(index, other);
  };
  const Operation& inserted = operation(index);
  if (const auto* remove = std::get_if<Remove>(&inserted.act)) {
    for (const AccountId& account : remove->members) attack_all(account);
  } else if (const auto* role = std::get_if<SetRole>(&inserted.act)) {
    attack_all(role->member);
  } else if (std::holds_alternative<DevicesLeft>(inserted.act)) {
    attack_all(inserted.author.account);
  }
  const AccountEvents* own = events(inserted.author.account);
  if (own == nullptr) return;
  for (const auto* list : {&own->departures, &own->roles, &own->left}) {
    for (const Index other : *list) {
      if (other != index) add_attack(other, index);
    }
  }
}

}  // namespace sotto::groups

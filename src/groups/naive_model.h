// The rules of docs/specs/groups.md 4 and 5 once more, for tests: written from the text, over sets of hashes,
// without indices, caches and lists of events. Slow.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "groups/attack.h"
#include "groups/operation.h"

namespace sotto::groups::testing {

class NaiveModel {
 public:
  using Hashes = std::set<OperationHash>;

  /// Precondition: parents first.
  void add(const OperationHash& hash, const Operation& operation) {
    operations_.emplace(hash, operation);
    Hashes& past = past_[hash];
    for (const OperationHash& parent : operation.parents) {
      past.insert(parent);
      past.insert(past_.at(parent).begin(), past_.at(parent).end());
    }
  }

  [[nodiscard]] Hashes all() const {
    Hashes out;
    for (const auto& entry : operations_) out.insert(entry.first);
    return out;
  }

  /// Which of `cut` stand.
  [[nodiscard]] Hashes standing(const Hashes& cut) const {
    Hashes stand;
    Hashes open = cut;
    while (!open.empty()) {
      Hashes ready = candidates(open, cut);
      if (ready.empty()) ready = {strongest_of_a_circle(open)};
      for (const OperationHash& hash : ready) {
        if (stands_if_decided_now(hash, stand)) stand.insert(hash);
        open.erase(hash);
      }
    }
    return stand;
  }

  [[nodiscard]] std::optional<Role> role(const AccountId& account, const Hashes& counting) const {
    std::vector<OperationHash> departures;
    for (const auto& hash : counting) {
      if (departs(operations_.at(hash), account)) departures.push_back(hash);
    }
    std::map<OperationHash, Role> says;
    bool joined = false;
    for (const auto& hash : counting) {
      const bool after =
          std::ranges::all_of(departures, [&](const auto& d) { return past_.at(hash).contains(d); });
      const auto role = role_said(operations_.at(hash), account);
      if (!after || !role) continue;
      says.emplace(hash, *role);
      joined = joined || !std::holds_alternative<SetRole>(operations_.at(hash).act);
    }
    if (!joined) return std::nullopt;
    Role out = Role::owner;
    for (const auto& [hash, role] : says) {
      const bool last =
          std::ranges::none_of(says, [&](const auto& other) { return past_.at(other.first).contains(hash); });
      if (last) out = std::min(out, role);
    }
    return out;
  }

  [[nodiscard]] bool lets_guests_in(const Hashes& counting) const {
    Hashes said;
    for (const auto& hash : counting) {
      const auto* set = std::get_if<Set>(&operations_.at(hash).act);
      if (set != nullptr && set->setting == Setting::guests) said.insert(hash);
    }
    const auto latest = latest_of(said);
    return latest && std::get<Set>(operations_.at(*latest).act).value == 1;
  }

  /// The account by which a guest takes part.
  [[nodiscard]] std::optional<AccountId> sponsor(const Bytes& number, const Hashes& counting) const {
    Hashes additions;
    for (const auto& hash : counting) {
      const auto* add = std::get_if<AddGuest>(&operations_.at(hash).act);
      if (add == nullptr || add->number != number) continue;
      const AccountId& author = operations_.at(hash).author.account;
      const bool after = std::ranges::all_of(counting, [&](const auto& other) {
        return !ends_guest(operations_.at(other), number, author) || past_.at(hash).contains(other);
      });
      if (after && role(author, counting)) additions.insert(hash);
    }
    const auto latest = latest_of(additions);
    if (!latest || !lets_guests_in(counting)) return std::nullopt;
    return operations_.at(*latest).author.account;
  }

  /// Whether they stand beside each other and one undoes the other.
  [[nodiscard]] bool attacks(const OperationHash& attacker, const OperationHash& attacked) const {
    return attacker != attacked && !past_.at(attacker).contains(attacked) &&
           !past_.at(attacked).contains(attacker) &&
           undoes(operations_.at(attacker), operations_.at(attacked));
  }

  /// Whether undoing, or building on what is undone, leads from one to the other.
  [[nodiscard]] bool undoes_by_detour(const OperationHash& from, const OperationHash& to) const {
    Hashes seen = {from};
    std::vector<OperationHash> open = {from};
    while (!open.empty()) {
      const OperationHash at = open.back();
      open.pop_back();
      for (const auto& [other, past] : past_) {
        if (seen.contains(other) || !(attacks(at, other) || past.contains(at))) continue;
        if (other == to) return true;
        seen.insert(other);
        open.push_back(other);
      }
    }
    return false;
  }

 private:
  /// Operations whose past and attackers are decided.
  [[nodiscard]] Hashes candidates(const Hashes& open, const Hashes& cut) const {
    Hashes out;
    for (const OperationHash& hash : open) {
      bool ready =
          std::ranges::none_of(past_.at(hash), [&](const auto& past) { return open.contains(past); });
      for (const OperationHash& other : cut) {
        if (open.contains(other) && attacks(other, hash)) ready = false;
      }
      if (ready) out.insert(hash);
    }
    return out;
  }

  [[nodiscard]] Hashes waits_for(const OperationHash& hash, const Hashes& open) const {
    Hashes out;
    for (const OperationHash& other : open) {
      if (past_.at(hash).contains(other) || attacks(other, hash)) out.insert(other);
    }
    return out;
  }

  [[nodiscard]] Hashes waits_for_by_detour(const OperationHash& hash, const Hashes& open) const {
    Hashes out;
    Hashes found = {hash};
    while (!found.empty()) {
      const OperationHash next = *found.begin();
      found.erase(found.begin());
      for (const OperationHash& other : waits_for(next, open)) {
        if (out.insert(other).second) found.insert(other);
      }
    }
    return out;
  }

  [[nodiscard]] OperationHash strongest_of_a_circle(const Hashes& open) const {
    for (const OperationHash& hash : open) {
      Hashes circle = waits_for_by_detour(hash, open);
      const bool closed = std::ranges::all_of(
          circle, [&](const OperationHash& other) { return waits_for_by_detour(other, open) == circle; });
      if (!closed || !circle.contains(hash)) continue;
      std::erase_if(circle, [&](const OperationHash& other) {
        return std::ranges::any_of(past_.at(other), [&](const auto& past) { return open.contains(past); });
      });
      return *std::ranges::min_element(circle, [&](const OperationHash& a, const OperationHash& b) {
        return is_stronger(operations_.at(a), a, operations_.at(b), b);
      });
    }
    std::abort();  // a finite graph without an end has a circle
  }

  [[nodiscard]] bool stands_if_decided_now(const OperationHash& hash, const Hashes& stand) const {
    for (const OperationHash& other : stand) {
      if (attacks(other, hash)) return false;
    }
    const Operation& operation = operations_.at(hash);
    if (std::holds_alternative<Create>(operation.act)) return true;
    Hashes counting;
    std::ranges::set_intersection(stand, past_.at(hash), std::inserter(counting, counting.end()));
    for (const OperationHash& other : counting) {
      const auto* left = std::get_if<DevicesLeft>(&operations_.at(other).act);
      if (left != nullptr && undoes(operations_.at(other), operation)) return false;
    }
    const auto own = role(operation.author.account, counting);
    return own && may(operation, acting(*own, counting), counting);
  }

  [[nodiscard]] Role acting(Role own, const Hashes& counting) const {
    Role highest = Role::member;
    for (const AccountId& account : accounts())
      highest = std::max(highest, role(account, counting).value_or(Role::member));
    return own == highest ? Role::owner : own;
  }

  [[nodiscard]] bool may(const Operation& operation, Role acting, const Hashes& counting) const {
    if (acting < needed_role(operation.act)) return false;
    if (const auto* remove = std::get_if<Remove>(&operation.act)) {
      return std::ranges::all_of(remove->members, [&](const AccountId& account) {
        const auto theirs = role(account, counting);
        return !theirs || *theirs < acting;
      });
    }
    if (const auto* set = std::get_if<SetRole>(&operation.act)) {
      return set->member == operation.author.account || role(set->member, counting) != Role::owner;
    }
    if (std::holds_alternative<AddGuest>(operation.act)) return lets_guests_in(counting);
    if (const auto* guest = std::get_if<RemoveGuest>(&operation.act)) {
      return acting >= Role::admin || sponsor(guest->number, counting) == operation.author.account;
    }
    return true;
  }

  /// Of those on which none other builds, the last by its author's clock.
  [[nodiscard]] std::optional<OperationHash> latest_of(const Hashes& hashes) const {
    std::optional<OperationHash> out;
    for (const auto& hash : hashes) {
      const bool last =
          std::ranges::none_of(hashes, [&](const auto& other) { return past_.at(other).contains(hash); });
      const auto rank = [&](const OperationHash& of) { return std::pair(operations_.at(of).time, of); };
      if (last && (!out || rank(*out) < rank(hash))) out = hash;
    }
    return out;
  }

  static bool ends_guest(const Operation& operation, const Bytes& number, const AccountId& sponsor) {
    if (const auto* remove = std::get_if<RemoveGuest>(&operation.act)) return remove->number == number;
    const auto* set = std::get_if<Set>(&operation.act);
    if (set != nullptr) return set->setting == Setting::guests && set->value == 0;
    return departs(operation, sponsor);
  }

  [[nodiscard]] std::set<AccountId> accounts() const {
    std::set<AccountId> out;
    for (const auto& [hash, operation] : operations_) {
      out.insert(operation.author.account);
      if (const auto* role = std::get_if<SetRole>(&operation.act)) out.insert(role->member);
    }
    return out;
  }

  static bool departs(const Operation& operation, const AccountId& account) {
    if (std::holds_alternative<Leave>(operation.act)) return operation.author.account == account;
    const auto* remove = std::get_if<Remove>(&operation.act);
    return remove != nullptr && std::ranges::find(remove->members, account) != remove->members.end();
  }

  static std::optional<Role> role_said(const Operation& operation, const AccountId& account) {
    const auto named = [&](const std::vector<MemberName>& members) -> std::optional<Role> {
      if (std::ranges::find(members, account, &MemberName::account) == members.end()) return std::nullopt;
      return Role::member;
    };
    if (const auto* create = std::get_if<Create>(&operation.act)) {
      return operation.author.account == account ? std::optional(Role::owner) : named(create->members);
    }
    if (const auto* add = std::get_if<Add>(&operation.act)) return named(add->members);
    if (const auto* approve = std::get_if<Approve>(&operation.act)) return named({approve->member});
    const auto* role = std::get_if<SetRole>(&operation.act);
    if (role != nullptr && role->member == account) return role->role;
    return std::nullopt;
  }

  std::map<OperationHash, Operation> operations_;
  std::map<OperationHash, Hashes> past_;
};

}  // namespace sotto::groups::testing

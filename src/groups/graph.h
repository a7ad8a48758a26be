// The operations of one group, each with what it builds on, and where to find those that concern one account
// or one property of the group. Whether they may stand there is not its concern (history.h, standing.h).
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>

#include "groups/cut.h"
#include "groups/signed_operation.h"

namespace sotto::groups {

/// A property of the group of which the latest change counts.
enum class Property : std::uint8_t { name, photo, link, timer, guests };
inline constexpr std::size_t kProperties = 5;

/// Which property an act sets, if any.
std::optional<Property> property_of(const Act& act);

/// What operations say about one account, each list in order of arrival.
struct AccountEvents {
  std::vector<Index> authored;    ///< by its devices
  std::vector<Index> joins;       ///< it came in: Create, Add, Approve
  std::vector<Index> departures;  ///< it went: Remove, Leave
  std::vector<Index> roles;       ///< SetRole
  std::vector<Index> left;        ///< DevicesLeft
  Role highest = Role::member;    ///< that it ever was given
};

/// What operations say about one guest.
struct GuestEvents {
  std::vector<Index> additions;
  std::vector<Index> removals;
};

class Graph {
 public:
  struct Node {
    VerifiedOperation operation;
    Cut past;                      ///< everything it builds on, itself not included
    std::vector<Index> attackers;  ///< beside it in the history, and undoing it (attack.h)
    bool attacks = false;          ///< it undoes something that is beside it
  };

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] const Node& node(Index index) const { return nodes_[index]; }
  [[nodiscard]] const Operation& operation(Index index) const { return nodes_[index].operation.operation(); }
  [[nodiscard]] std::optional<Index> find(const OperationHash& hash) const;
  /// `hashes` and everything they build on; empty if one of them is not here.
  [[nodiscard]] std::optional<Cut> past_of(std::span<const OperationHash> hashes) const;

  /// Precondition: `past` is past_of(its parents), and it is not here.
  Index insert(VerifiedOperation operation, Cut past);

  [[nodiscard]] const std::map<AccountId, AccountEvents>& accounts() const { return accounts_; }
  /// Null if nothing was ever said about it.
  [[nodiscard]] const AccountEvents* events(const AccountId& account) const;
  [[nodiscard]] std::span<const Index> changes(Property property) const {
    return changes_[static_cast<std::size_t>(property)];
  }
  [[nodiscard]] std::span<const Index> refusals() const { return refusals_; }
  /// By number.
  [[nodiscard]] const std::map<Bytes, GuestEvents>& guests() const { return guests_; }
  /// Those that sent all guests away: Set of guests to 0.
  [[nodiscard]] std::span<const Index> closings() const { return closings_; }

 private:
  struct FirstOctets {  // hashes are uniform
    std::size_t operator()(const OperationHash& hash) const;
  };
  class Filing;

  void find_attackers(Index index);
  void add_attack(Index attacker, Index attacked);

  std::vector<Node> nodes_;
  std::unordered_map<OperationHash, Index, FirstOctets> by_hash_;
  std::map<AccountId, AccountEvents> accounts_;
  std::array<std::vector<Index>, kProperties> changes_;
  std::vector<Index> refusals_;
  std::map<Bytes, GuestEvents> guests_;
  std::vector<Index> closings_;
};

}  // namespace sotto::groups

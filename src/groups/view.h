// What is so at one place of the history, as far as operations stand (docs/specs/groups.md 4).
#pragma once

#include "groups/graph.h"

namespace sotto::groups {

/// Borrows all three; a value for one question or a few.
class View {
 public:
  /// `within`: what the place builds on; of that only what is also in `standing` counts.
  View(const Graph& graph, const Cut& standing, const Cut& within)
      : graph_(graph), standing_(standing), within_(within) {}

  struct Membership {
    crypto::Fingerprint key;  ///< under which it is in the group
    Role role = Role::member;
    Index join = 0;
  };
  /// Empty: not in the group.
  [[nodiscard]] std::optional<Membership> membership(const AccountId& account) const;
  /// The role by which it may act: while nobody is owner, the highest role that anybody has counts as one.
  /// Precondition: `role` is the one it has.
  [[nodiscard]] Role acting_role(Role role) const;
  [[nodiscard]] std::size_t count_members() const;

  /// The change that counts; empty: there was none.
  [[nodiscard]] std::optional<Index> latest(Property property) const;
  [[nodiscard]] bool lets_guests_in() const;
  /// By which the guest of this number takes part; empty: there is none.
  [[nodiscard]] std::optional<Index> guest(const Bytes& number) const;
  [[nodiscard]] std::size_t count_guests() const;
  /// Whether the account has said that this device left it, at this version or a later one.
  [[nodiscard]] bool has_left(const Author& author) const;

  [[nodiscard]] bool counts(Index index) const {
    return within_.contains(index) && standing_.contains(index);
  }
  [[nodiscard]] const Graph& graph() const { return graph_; }

 private:
  [[nodiscard]] std::vector<Index> counting(std::span<const Index> list) const;
  [[nodiscard]] bool somebody_has(Role role) const;
  /// Of concurrent ones the later by their authors' clocks, then the larger hash. Precondition: not empty.
  [[nodiscard]] Index latest_of(std::span<const Index> list) const;
  /// Those that no other builds on.
  [[nodiscard]] std::vector<Index> ends_of(std::span<const Index> list) const;

  const Graph& graph_;
  const Cut& standing_;
  const Cut& within_;
};

}  // namespace sotto::groups

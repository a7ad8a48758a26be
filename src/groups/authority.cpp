#include "groups/authority.h"

#include <algorithm>

#include "groups/attack.h"

namespace sotto::groups {
namespace {

/// Whether one in `acting` role may remove all of these.
bool outranks(const View& place, Role acting, const std::vector<AccountId>& members) {
  return std::ranges::all_of(members, [&](const AccountId& account) {
    const auto membership = place.membership(account);
    return !membership || acting > membership->role;
  });
}

bool permitted(const View& place, const Operation& operation, Role acting) {
  if (acting < needed_role(operation.act)) return false;
  if (const auto* remove = std::get_if<Remove>(&operation.act)) {
    return outranks(place, acting, remove->members);
  }
  if (const auto* role = std::get_if<SetRole>(&operation.act)) {
    const auto membership = place.membership(role->member);
    return role->member == operation.author.account || !membership || membership->role < Role::owner;
  }
  if (const auto* guest = std::get_if<RemoveGuest>(&operation.act)) {
    const auto added = place.guest(guest->number);
    return acting >= Role::admin ||
           (added && place.graph().operation(*added).author.account == operation.author.account);
  }
  return true;
}

class Subject {
 public:
  explicit Subject(const View& place) : place_(place) {}

  GroupResult<void> operator()(const Add& act) const { return come_in(act.members); }
  GroupResult<void> operator()(const Approve& act) const {
    SOTTO_CHECK_OK(come_in({&act.member, 1}));
    return by_link(act.link);
  }
  GroupResult<void> operator()(const Refuse& act) const {
    if (place_.membership(act.account)) return err(GroupError::already_member);
    return by_link(act.link);
  }
  GroupResult<void> operator()(const Remove& act) const {
    for (const AccountId& account : act.members) SOTTO_CHECK_OK(is_member(account));
    return {};
  }
  GroupResult<void> operator()(const SetRole& act) const { return is_member(act.member); }
  GroupResult<void> operator()(const AddGuest& act) const {
    if (place_.guest(act.number)) return err(GroupError::already_member);
    if (place_.count_guests() >= kMaxGuests) return err(GroupError::too_many_guests);
    return {};
  }
  GroupResult<void> operator()(const RemoveGuest& act) const {
    if (!place_.guest(act.number)) return err(GroupError::no_such_member);
    return {};
  }
  template <typename Other>
  GroupResult<void> operator()(const Other& /*act*/) const {
    return {};
  }

 private:
  [[nodiscard]] GroupResult<void> is_member(const AccountId& account) const {
    if (!place_.membership(account)) return err(GroupError::no_such_member);
    return {};
  }
  [[nodiscard]] GroupResult<void> come_in(std::span<const MemberName> members) const {
    for (const MemberName& member : members) {
      if (place_.membership(member.account)) return err(GroupError::already_member);
    }
    if (place_.count_members() + members.size() > kMaxMembers) return err(GroupError::too_many_members);
    return {};
  }
  [[nodiscard]] GroupResult<void> by_link(const OperationHash& link) const {
    const auto latest = place_.latest(Property::link);
    if (!latest) return err(GroupError::wrong_link);
    const bool open = std::get<SetLink>(place_.graph().operation(*latest).act).secret.has_value();
    if (!open || place_.graph().node(*latest).operation.hash() != link) return err(GroupError::wrong_link);
    return {};
  }

  const View& place_;
};

}  // namespace

GroupResult<void> check_author(const View& place, const Operation& operation) {
  if (std::holds_alternative<Create>(operation.act)) return {};
  const auto membership = place.membership(operation.author.account);
  if (!membership || membership->key != operation.author.account_key) return err(GroupError::not_a_member);
  if (place.has_left(operation.author)) return err(GroupError::device_left);
  if (std::holds_alternative<AddGuest>(operation.act) && !place.lets_guests_in()) {
    return err(GroupError::no_guests);
  }
  if (permitted(place, operation, membership->role)) return {};
  const Role acting = place.acting_role(membership->role);
  if (acting == membership->role || !permitted(place, operation, acting)) {
    return err(GroupError::not_allowed);
  }
  return {};
}

GroupResult<void> check_subject(const View& place, const Operation& operation) {
  return std::visit(Subject(place), operation.act);
}

}  // namespace sotto::groups

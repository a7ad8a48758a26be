#include "client/groups/changes.h"

#include <algorithm>
#include <set>

#include "client/contacts/manifests.h"
#include "client/groups/conversations.h"
#include "client/groups/histories.h"
#include "client/groups/intake.h"
#include "client/groups/telling.h"

namespace sotto::client {
namespace {

std::set<identity::AccountId> accounts_of(const groups::Roster& roster) {
  std::set<identity::AccountId> out;
  for (const auto& member : roster.members) out.insert(member.name.account);
  return out;
}

/// Everybody who was in the group or is; who came in gets all of it.
void tell_everybody(Work& work, const groups::GroupId& group, const groups::OperationHash& made,
                    const std::set<identity::AccountId>& before) {
  const auto* history = work.run.histories.find(work.db, group);
  const auto all = history->missing_after({});
  auto after = accounts_of(history->state().roster);
  const auto own = work.self.account_id();
  after.erase(own);
  const std::vector<groups::OperationHash> one = {made};
  tell_operations(work, {own}, group, before.empty() ? all : one);
  for (const auto& account : after) {
    tell_operations(work, {account}, group, before.contains(account) ? one : all);
  }
  for (const auto& account : before) {
    if (account != own && !after.contains(account)) tell_operations(work, {account}, group, one);
  }
}

GroupOutcome<void> make(Work& work, const groups::GroupId& group, const groups::Operation& operation,
                        const std::set<identity::AccountId>& before) {
  auto made = groups::sign(operation, work.self.device.key, work.random);
  const auto hash = made.verified.hash();
  const auto admitted = work.run.histories.admit(work.db, made.octets, std::move(made.verified));
  if (!admitted) return err(GroupFailure{GroupCommandError::refused, admitted.error()});
  after_change(work, group, {&hash, 1});
  tell_everybody(work, group, hash, before);
  return {};
}

}  // namespace

groups::Author own_author(Work& work) {
  return {work.self.account_id(), work.self.account->key.public_key().fingerprint(),
          work.self.device.key.public_key().fingerprint(),
          std::max<std::uint64_t>(known_version(work.db, work.self.account_id()), 1)};
}

GroupOutcome<void> change_group(Work& work, const groups::GroupId& group, groups::Act act) {
  const auto* history = work.run.histories.find(work.db, group);
  if (history == nullptr) return err(GroupFailure{GroupCommandError::no_such_group});
  const auto draft = history->draft(own_author(work), std::move(act), work.now);
  if (!draft) return err(GroupFailure{GroupCommandError::refused, draft.error()});
  return make(work, group, *draft, accounts_of(history->state().roster));
}

GroupOutcome<groups::GroupId> begin_group(Work& work, groups::Create create) {
  const groups::Operation operation{.group = work.random.array<32>(),
                                    .author = own_author(work),
                                    .time = work.now,
                                    .parents = {},
                                    .act = std::move(create)};
  const auto group = groups::group_id(groups::encode(operation));
  SOTTO_CHECK_OK(make(work, group, operation, {}));
  return group;
}

void say_devices_left(Work& work, const std::vector<crypto::Fingerprint>& devices) {
  for (const auto& group : known_groups(work.db)) {
    const auto* history = work.run.histories.find(work.db, group);
    if (history == nullptr || !is_member(work, *history)) continue;
    auto sorted = devices;
    std::ranges::sort(sorted);
    // Another device may have said it, or this one may not speak for the account any more: nothing is lost.
    static_cast<void>(change_group(work, group, groups::DevicesLeft{std::move(sorted)}));
  }
}

}  // namespace sotto::client

#include "client/groups/commands.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/groups/changes.h"
#include "client/groups/conversations.h"
#include "client/groups/requests.h"
#include "client/groups/telling.h"
#include "client/requests/decisions.h"
#include "groups/link.h"
#include "identity/device_name.h"
#include "identity/handle.h"

namespace sotto::client {
namespace {

GroupFailure failure(GroupCommandError error, std::string_view subject) {
  return {error, {}, std::string(subject)};
}

/// What a group may be called: what everybody sees as it was typed.
GroupOutcome<Bytes> checked_name(std::string_view name) {
  if (name.empty() || identity::clean_device_name(name) != name) {
    return err(failure(GroupCommandError::bad_name, name));
  }
  return to_bytes(as_bytes(name));
}

/// Somebody whose key is known and did not change.
GroupOutcome<groups::MemberName> person_called(Work& work, std::string_view typed) {
  const auto contact = find_called(work.db, typed);
  if (!contact || !contact->key_holds()) return err(failure(GroupCommandError::unknown_person, typed));
  return groups::MemberName{*contact->account, *contact->pinned};
}

GroupOutcome<std::vector<groups::MemberName>> people_called(Work& work,
                                                            const std::vector<std::string>& typed) {
  std::vector<groups::MemberName> out;
  for (const std::string& each : typed) {
    SOTTO_TRY(const auto person, person_called(work, each));
    out.push_back(person);
  }
  std::ranges::sort(out);
  const auto [first, last] = std::ranges::unique(out);
  out.erase(first, last);
  return out;
}

/// A member as a person names it: a handle, or the first digits of an account that has none here.
GroupOutcome<identity::AccountId> member_called(Work& work, const groups::History& history,
                                                std::string_view typed) {
  const auto record = group_record(work.db, work.self, history);
  for (const auto& member : record.members()) {
    const auto handle = identity::Handle::parse(typed);
    const bool named = handle && member.name() == handle->text();
    if (!named && (typed.size() < 8 || !member.account().starts_with(typed))) continue;
    for (const auto& in_roster : history.state().roster.members) {
      if (to_hex(in_roster.name.account.view()) == member.account()) return in_roster.name.account;
    }
  }
  GroupFailure none = failure(GroupCommandError::refused, typed);
  none.rule = groups::GroupError::no_such_member;
  return err(none);
}

std::string own_link_text(Work& work, const groups::History& history) {
  return groups::link_text({history.id(),
                            history.state().link->secret,
                            {work.self.account_id(), work.self.account->key.public_key().fingerprint()},
                            work.self.handle});
}

}  // namespace

GroupOutcome<groups::GroupId> group_called(Work& work, std::string_view typed) {
  if (!work.self.ready()) return err(failure(GroupCommandError::not_registered, typed));
  const auto found = groups_called(work.db, typed);
  if (found.empty()) return err(failure(GroupCommandError::no_such_group, typed));
  if (found.size() > 1) return err(failure(GroupCommandError::ambiguous_group, typed));
  return found.front();
}

GroupOutcome<groups::GroupId> create_group(Work& work, std::string_view name,
                                           const std::vector<std::string>& people) {
  if (!work.self.ready()) return err(failure(GroupCommandError::not_registered, name));
  SOTTO_TRY(Bytes checked, checked_name(name));
  SOTTO_TRY(auto members, people_called(work, people));
  if (members.size() > groups::kMaxMembersPerOperation) {
    return err(GroupFailure{GroupCommandError::refused, groups::GroupError::too_many_members});
  }
  return begin_group(work, {std::move(checked), std::move(members)});
}

GroupOutcome<void> add_to_group(Work& work, std::string_view group, const std::vector<std::string>& people) {
  SOTTO_TRY(const auto id, group_called(work, group));
  SOTTO_TRY(const auto members, people_called(work, people));
  for (std::size_t done = 0; done < members.size(); done += groups::kMaxMembersPerOperation) {
    const std::size_t count = std::min(members.size() - done, groups::kMaxMembersPerOperation);
    const auto first = members.begin() + static_cast<std::ptrdiff_t>(done);
    SOTTO_CHECK_OK(change_group(work, id, groups::Add{{first, first + static_cast<std::ptrdiff_t>(count)}}));
  }
  return {};
}

GroupOutcome<void> remove_from_group(Work& work, std::string_view group,
                                     const std::vector<std::string>& people) {
  SOTTO_TRY(const auto id, group_called(work, group));
  groups::Remove remove;
  for (const std::string& typed : people) {
    SOTTO_TRY(const auto account, member_called(work, *work.run.histories.find(work.db, id), typed));
    remove.members.push_back(account);
  }
  std::ranges::sort(remove.members);
  const auto [first, last] = std::ranges::unique(remove.members);
  remove.members.erase(first, last);
  return change_group(work, id, std::move(remove));
}

GroupOutcome<void> leave_group(Work& work, std::string_view group) {
  SOTTO_TRY(const auto id, group_called(work, group));
  return change_group(work, id, groups::Leave{});
}

GroupOutcome<void> rename_group(Work& work, std::string_view group, std::string_view name) {
  SOTTO_TRY(const auto id, group_called(work, group));
  SOTTO_TRY(Bytes checked, checked_name(name));
  return change_group(work, id, groups::Rename{std::move(checked)});
}

GroupOutcome<void> set_group_role(Work& work, std::string_view group, const std::string& person,
                                  groups::Role role) {
  SOTTO_TRY(const auto id, group_called(work, group));
  const auto handle = identity::Handle::parse(person);
  if (handle && handle->text() == work.self.handle) {
    return change_group(work, id, groups::SetRole{work.self.account_id(), role});
  }
  SOTTO_TRY(const auto account, member_called(work, *work.run.histories.find(work.db, id), person));
  return change_group(work, id, groups::SetRole{account, role});
}

GroupOutcome<void> set_in_group(Work& work, std::string_view group, groups::Setting setting,
                                std::uint64_t value) {
  SOTTO_TRY(const auto id, group_called(work, group));
  return change_group(work, id, groups::Set{setting, value});
}

GroupOutcome<std::string> group_link(Work& work, std::string_view group, LinkChange change) {
  SOTTO_TRY(const auto id, group_called(work, group));
  const auto* history = work.run.histories.find(work.db, id);
  if (change == LinkChange::withdraw) {
    SOTTO_CHECK_OK(change_group(work, id, groups::SetLink{}));
    return std::string();
  }
  if (change == LinkChange::renew || !history->state().link) {
    SOTTO_CHECK_OK(change_group(work, id, groups::SetLink{work.random.array<32>()}));
    history = work.run.histories.find(work.db, id);
  }
  return own_link_text(work, *history);
}

GroupOutcome<std::string> ask_to_join(Work& work, std::string_view text) {
  if (!work.self.ready()) return err(failure(GroupCommandError::not_registered, text));
  const auto link = groups::parse_link_text(text);
  if (!link) return err(failure(GroupCommandError::bad_link, text));
  SOTTO_TRY(const auto approver, person_called(work, link->handle));
  if (approver != link->approver) return err(failure(GroupCommandError::other_key, link->handle));
  const groups::MemberName self{work.self.account_id(), work.self.account->key.public_key().fingerprint()};
  // Wherever the user asks to be is no request of others.
  accept(work, link->group);
  tell_request(work, approver.account, link->group, groups::request_tag(link->secret, link->group, self));
  return link->handle;
}

GroupOutcome<std::vector<v1::GroupRequest>> requests_of_group(Work& work, std::string_view group) {
  SOTTO_TRY(const auto id, group_called(work, group));
  return open_requests(work.db, id);
}

GroupOutcome<void> decide_request(Work& work, std::string_view group, std::string_view person, bool approve) {
  SOTTO_TRY(const auto id, group_called(work, group));
  const auto handle = identity::Handle::parse(person);
  for (const auto& request : open_requests(work.db, id)) {
    const bool meant = (handle && request.name() == handle->text()) ||
                       (person.size() >= 8 && request.account().starts_with(person));
    if (!meant) continue;
    const auto octets = from_hex(request.account());
    const auto account = octets ? identity::AccountId::from(*octets) : std::nullopt;
    const auto contact = account ? find_contact(work.db, *account) : std::nullopt;
    const auto& link = work.run.histories.find(work.db, id)->state().link;
    if (!contact || !contact->pinned || !link) break;
    if (!approve) return change_group(work, id, groups::Refuse{*account, link->operation});
    return change_group(work, id, groups::Approve{{*account, *contact->pinned}, link->operation});
  }
  return err(failure(GroupCommandError::no_request, person));
}

GroupOutcome<v1::Group> show_group(Work& work, std::string_view group) {
  SOTTO_TRY(const auto id, group_called(work, group));
  return group_record(work.db, work.self, *work.run.histories.find(work.db, id));
}

}  // namespace sotto::client

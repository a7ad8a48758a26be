#include "client/api/groups.h"

#include "client/api/contacts.h"
#include "client/api/files.h"
#include "client/groups/commands.h"
#include "client/groups/conversations.h"
#include "client/groups/photo.h"
#include "groups/link.h"

namespace sotto::client::api {
namespace {

std::string unmarked(const std::string& group) {
  return group.starts_with(kGroupMark) ? group.substr(1) : group;
}

/// Members need not have spoken to this account, so it may not know them by name. Digits of an account are no
/// name.
std::vector<std::string> names_of(const google::protobuf::RepeatedPtrField<std::string>& people) {
  std::vector<std::string> out(people.begin(), people.end());
  std::erase_if(out, [](const std::string& person) {
    return person.size() >= 8 && person.find_first_not_of("0123456789abcdef") == std::string::npos;
  });
  return out;
}

v1::Group record_in(Work& work, const groups::GroupId& id) {
  return group_record(work.db, work.self, *work.run.histories.find(work.db, id));
}

/// Does something to a group; what it is then.
template <typename Command>
CommandResult<v1::Group> change(Client& client, const std::string& group, const Command& command) {
  const std::string name = unmarked(group);
  return run_in(client, [&](Work& work) -> GroupOutcome<v1::Group> {
    SOTTO_TRY(const auto id, group_called(work, name));
    SOTTO_CHECK_OK(command(work, name));
    return record_in(work, id);
  });
}

/// The same once these people are known.
template <typename Command>
CommandResult<Wait<v1::Group>> change_with(Client& client, const std::string& group,
                                           const std::vector<std::string>& people, Command command) {
  SOTTO_TRY(auto known, until_known(client, people));
  return followed_by(std::move(known), [&client, group, command = std::move(command)](const v1::Nothing&) {
    return change(client, group, command);
  });
}

CommandResult<groups::Role> role_of(v1::Group::Role role) {
  switch (role) {
    case v1::Group::MEMBER: return groups::Role::member;
    case v1::Group::ADMIN: return groups::Role::admin;
    case v1::Group::OWNER: return groups::Role::owner;
    default: return err(Failure{ExitCode::usage, "a role is member, admin or owner"});
  }
}

}  // namespace

CommandResult<v1::GroupList> list_groups(Client& client, const v1::Nothing&) {
  return read_in(client, [&](const Self& self) {
    v1::GroupList list;
    for (auto& record : group_records(client.database(), self)) *list.add_groups() = std::move(record);
    return list;
  });
}

CommandResult<v1::Group> get_group(Client& client, const v1::GroupRef& request) {
  return run_in(client, [&](Work& work) { return show_group(work, unmarked(request.group())); });
}

CommandResult<Wait<v1::Group>> create_group(Client& client, const v1::GroupPeopleRequest& request) {
  const std::vector<std::string> people(request.people().begin(), request.people().end());
  SOTTO_TRY(auto known, until_known(client, people));
  return followed_by(std::move(known), [&client, people, name = request.name()](const v1::Nothing&) {
    return run_in(client, [&](Work& work) -> GroupOutcome<v1::Group> {
      SOTTO_TRY(const auto id, client::create_group(work, name, people));
      return record_in(work, id);
    });
  });
}

CommandResult<Wait<v1::Group>> add_to_group(Client& client, const v1::GroupPeopleRequest& request) {
  const std::vector<std::string> people(request.people().begin(), request.people().end());
  return change_with(client, request.group(), people, [people](Work& work, const std::string& group) {
    return client::add_to_group(work, group, people);
  });
}

CommandResult<Wait<v1::Group>> remove_from_group(Client& client, const v1::GroupPeopleRequest& request) {
  const std::vector<std::string> people(request.people().begin(), request.people().end());
  return change_with(client, request.group(), names_of(request.people()),
                     [people](Work& work, const std::string& group) {
                       return client::remove_from_group(work, group, people);
                     });
}

CommandResult<v1::Group> leave_group(Client& client, const v1::GroupRef& request) {
  return change(client, request.group(),
                [](Work& work, const std::string& group) { return client::leave_group(work, group); });
}

CommandResult<v1::Group> rename_group(Client& client, const v1::GroupPeopleRequest& request) {
  return change(client, request.group(), [&](Work& work, const std::string& group) {
    return client::rename_group(work, group, request.name());
  });
}

CommandResult<Wait<v1::Group>> set_group_role(Client& client, const v1::GroupRoleRequest& request) {
  SOTTO_TRY(const auto role, role_of(request.role()));
  google::protobuf::RepeatedPtrField<std::string> people;
  *people.Add() = request.person();
  return change_with(client, request.group(), names_of(people),
                     [role, person = request.person()](Work& work, const std::string& group) {
                       return client::set_group_role(work, group, person, role);
                     });
}

CommandResult<v1::Group> change_group_settings(Client& client, const v1::GroupSettingsRequest& request) {
  return change(client, request.group(), [&](Work& work, const std::string& group) -> GroupOutcome<void> {
    if (request.has_timer_s()) {
      SOTTO_CHECK_OK(set_in_group(work, group, groups::Setting::timer, seconds(request.timer_s()).value));
    }
    if (!request.has_guests_allowed()) return {};
    return set_in_group(work, group, groups::Setting::guests, request.guests_allowed() ? 1 : 0);
  });
}

CommandResult<v1::Group> set_group_photo(Client& client, const v1::GroupPhotoRequest& request) {
  std::optional<NewFile> photo;
  if (request.has_photo()) {
    SOTTO_TRY(photo, file_of(client, request.photo()));
  }
  return change(client, request.group(), [&](Work& work, const std::string& group) {
    return photo ? client::set_group_photo(work, group, *photo) : remove_group_photo(work, group);
  });
}

CommandResult<v1::Group> group_link(Client& client, const v1::GroupLinkRequest& request) {
  const auto wish = request.withdraw() ? LinkChange::withdraw
                    : request.renew()  ? LinkChange::renew
                                       : LinkChange::show;
  const std::string group = unmarked(request.group());
  return run_in(client, [&](Work& work) -> GroupOutcome<v1::Group> {
    SOTTO_TRY(const std::string text, client::group_link(work, group, wish));
    SOTTO_TRY(v1::Group shown, show_group(work, group));
    shown.set_invite(text);
    return shown;
  });
}

CommandResult<Wait<v1::Nothing>> join_group(Client& client, const v1::GroupJoinRequest& request) {
  const auto link = groups::parse_link_text(request.link());
  if (!link) return err(failure_of(GroupFailure{GroupCommandError::bad_link}));
  SOTTO_TRY(auto known, until_known(client, {link->handle}));
  return followed_by(std::move(known),
                     [&client, text = request.link()](const v1::Nothing&) -> CommandResult<v1::Nothing> {
                       SOTTO_CHECK_OK(run_in(client, [&](Work& work) { return ask_to_join(work, text); }));
                       return v1::Nothing();
                     });
}

CommandResult<v1::GroupRequestList> group_requests(Client& client, const v1::GroupRef& request) {
  SOTTO_TRY(auto requests,
            run_in(client, [&](Work& work) { return requests_of_group(work, unmarked(request.group())); }));
  v1::GroupRequestList list;
  for (auto& each : requests) *list.add_requests() = std::move(each);
  return list;
}

CommandResult<v1::Group> decide_request(Client& client, const v1::GroupDecision& request) {
  return change(client, request.group(), [&](Work& work, const std::string& group) {
    return client::decide_request(work, group, request.person(), request.approve());
  });
}

}  // namespace sotto::client::api

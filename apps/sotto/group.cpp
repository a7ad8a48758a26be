// `sotto group`: who is in a group, what it is called, how people come in.
#include "attach.h"
#include "client/api/files.h"
#include "client/api/groups.h"
#include "client/attachments/records.h"
#include "client/sms/numbers.h"
#include "commands.h"
#include "delivery.h"
#include "groups/link.h"
#include "session.h"
#include "sms.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

/// One call of service Groups, and what the group is then.
template <typename Function, typename Request, typename... Wait>
CommandResult<ExitCode> change(const GlobalOptions& global, Function* function, const Request& request,
                               Wait... wait_s) {
  SOTTO_TRY(Session session, Session::open(global));
  SOTTO_TRY(const v1::Group record, session.call(function, request, wait_s...));
  session.output().group(record);
  return session.finish();
}

v1::GroupRef named(const GroupOptions& options) {
  v1::GroupRef request;
  request.set_group(options.group);
  return request;
}

v1::GroupPeopleRequest people_of(const GroupOptions& options) {
  v1::GroupPeopleRequest request;
  request.set_group(options.group);
  request.set_name(options.name);
  request.mutable_people()->Assign(options.people.begin(), options.people.end());
  return request;
}

/// Guests are named as the conversation with their number is.
v1::GroupPeopleRequest guest_of(const GroupOptions& options) {
  v1::GroupPeopleRequest request;
  request.set_group(options.group);
  request.set_name(options.name);
  const bool marked = options.number.starts_with(client::kSmsPrefix);
  request.add_people(marked ? options.number : std::string(client::kSmsPrefix) + options.number);
  return request;
}

/// Here, and through the sandbox.
bool is_looked_at(Profile& profile, const client::FileKey& key) {
  const auto record = client::file_record(profile.database(), key);
  return !record || record->state() == v1::AttachedFile::FAILED ||
         (record->state() == v1::AttachedFile::HERE && record->media() != v1::AttachedFile::UNCHECKED);
}

CommandResult<v1::Group::Role> parse_role(const std::string& typed) {
  if (typed == "member") return v1::Group::MEMBER;
  if (typed == "admin") return v1::Group::ADMIN;
  if (typed == "owner") return v1::Group::OWNER;
  return err(Failure{ExitCode::usage, "a role is member, admin or owner"});
}

/// What it is, and where it is wanted its octets.
CommandResult<ExitCode> show_photo(const GlobalOptions& global, const GroupOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const v1::Group record, session.call(api::get_group, named(options)));
  if (options.output.empty()) {
    session.output().group(record);
    return ExitCode::ok;
  }
  if (!record.has_photo()) return err(Failure{ExitCode::usage, "the group has no photo"});
  v1::FileRequest photo;
  photo.set_conversation(record.photo().conversation());
  photo.set_message_id(record.photo().message_id());
  photo.set_position(record.photo().position());
  SOTTO_CHECK_OK(session.call(api::download_file, photo));
  SOTTO_TRY(const client::FileKey key, api::file_named(session.api(), photo));
  Profile& profile = session.profile();
  wait_until(profile, session.output(), seconds(options.wait_s), [&] { return is_looked_at(profile, key); });
  const auto file = client::file_record(profile.database(), key);
  if (!file || file->state() != v1::AttachedFile::HERE)
    return err(Failure{ExitCode::unreachable, "the photo did not come in time; try again later"});
  SOTTO_TRY(const auto written, write_out(profile, key, *file, false, options.output));
  session.output().file(*file);
  session.output().note("written to " + written.string());
  return ExitCode::ok;
}

}  // namespace

CommandResult<ExitCode> run_group_list(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto list, session.call(api::list_groups, v1::Nothing()));
  for (const auto& record : list.groups()) session.output().group(record);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_group_show(const GlobalOptions& global, const GroupOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto record, session.call(api::get_group, named(options)));
  session.output().group(record);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_group_create(const GlobalOptions& global, const GroupOptions& options) {
  v1::GroupPeopleRequest request = people_of(options);
  request.set_name(options.group);
  return change(global, api::create_group, request, options.wait_s);
}

CommandResult<ExitCode> run_group_add(const GlobalOptions& global, const GroupOptions& options) {
  return change(global, api::add_to_group, people_of(options), options.wait_s);
}

CommandResult<ExitCode> run_group_remove(const GlobalOptions& global, const GroupOptions& options) {
  return change(global, api::remove_from_group, people_of(options), options.wait_s);
}

CommandResult<ExitCode> run_group_leave(const GlobalOptions& global, const GroupOptions& options) {
  return change(global, api::leave_group, named(options));
}

CommandResult<ExitCode> run_group_rename(const GlobalOptions& global, const GroupOptions& options) {
  return change(global, api::rename_group, people_of(options));
}

CommandResult<ExitCode> run_group_role(const GlobalOptions& global, const GroupOptions& options) {
  v1::GroupRoleRequest request;
  request.set_group(options.group);
  request.set_person(options.person);
  SOTTO_TRY(const auto role, parse_role(options.role));
  request.set_role(role);
  return change(global, api::set_group_role, request, options.wait_s);
}

CommandResult<ExitCode> run_group_set(const GlobalOptions& global, const GroupOptions& options) {
  v1::GroupSettingsRequest request;
  request.set_group(options.group);
  if (options.timer_s) request.set_timer_s(*options.timer_s);
  if (options.guests) request.set_guests_allowed(*options.guests);
  return change(global, api::change_group_settings, request);
}

CommandResult<ExitCode> run_group_photo(const GlobalOptions& global, const GroupOptions& options) {
  v1::GroupPhotoRequest request;
  request.set_group(options.group);
  if (options.remove) return change(global, api::set_group_photo, request);
  if (options.photo.empty()) return show_photo(global, options);
  request.mutable_photo()->set_path(options.photo);
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_CHECK_OK(session.call(api::set_group_photo, request));
  SOTTO_TRY(const ExitCode sent, deliver(session.profile(), session.output(), options.wait_s));
  SOTTO_TRY(const v1::Group record, session.call(api::get_group, named(options)));
  session.output().group(record);
  return sent;
}

CommandResult<ExitCode> run_group_link(const GlobalOptions& global, const GroupOptions& options) {
  v1::GroupLinkRequest request;
  request.set_group(options.group);
  request.set_renew(options.renew);
  request.set_withdraw(options.withdraw);
  return change(global, api::group_link, request);
}

CommandResult<ExitCode> run_group_join(const GlobalOptions& global, const GroupOptions& options) {
  v1::GroupJoinRequest request;
  request.set_link(options.group);
  SOTTO_TRY(Session session, Session::open(global));
  SOTTO_CHECK_OK(session.call(api::join_group, request, options.wait_s));
  const auto link = groups::parse_link_text(options.group);
  session.output().note((link ? link->handle : std::string("The one who made the link")) +
                        " was asked; you are in the group when they let you in.");
  return session.finish();
}

CommandResult<ExitCode> run_group_requests(const GlobalOptions& global, const GroupOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto list, session.call(api::group_requests, named(options)));
  for (const auto& request : list.requests()) session.output().group_request(request);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_group_guest_add(const GlobalOptions& global, const GroupOptions& options) {
  SOTTO_TRY(Session session, Session::open(global));
  if (options.yes) {
    SOTTO_CHECK_OK(allow_sms(session, options.number));
  } else if (!global.json) {
    SOTTO_CHECK_OK(ask_for_sms(session, std::string(client::kSmsPrefix) + options.number));
  }
  SOTTO_TRY(const v1::Group record, session.call(api::add_to_group, guest_of(options), options.wait_s));
  session.output().group(record);
  return session.finish();
}

CommandResult<ExitCode> run_group_guest_remove(const GlobalOptions& global, const GroupOptions& options) {
  return change(global, api::remove_from_group, guest_of(options), options.wait_s);
}

CommandResult<ExitCode> run_group_decide(const GlobalOptions& global, const GroupOptions& options,
                                         bool approve) {
  v1::GroupDecision request;
  request.set_group(options.group);
  request.set_person(options.person);
  request.set_approve(approve);
  return change(global, api::decide_request, request);
}

}  // namespace sotto::cli

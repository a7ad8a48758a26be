// `sotto group`: who is in a group, what it is called, how people come in.
#include "attach.h"
#include "client/attachments/transfers.h"
#include "client/groups/commands.h"
#include "client/groups/conversations.h"
#include "client/groups/guests.h"
#include "client/groups/photo.h"
#include "client/sms/numbers.h"
#include "commands.h"
#include "delivery.h"
#include "groups/link.h"
#include "session.h"
#include "sms.h"
#include "speech.h"

namespace sotto::cli {
namespace {

/// A group as typed, with or without the mark that it has among conversations.
std::string group_name(const GroupOptions& options) {
  const bool marked = options.group.starts_with(client::kGroupMark);
  return marked ? options.group.substr(1) : options.group;
}

/// Does something to a group and shows what it is now.
template <typename Command>
CommandResult<ExitCode> change_in(Session& session, const GroupOptions& options, const Command& command) {
  const std::string group = group_name(options);
  SOTTO_TRY(const auto record, session.run([&](client::Work& work) -> client::GroupOutcome<v1::Group> {
    SOTTO_TRY(const auto id, client::group_called(work, group));
    SOTTO_CHECK_OK(command(work, group));
    return client::group_record(work.db, work.self, *work.run.histories.find(work.db, id));
  }));
  session.output().group(record);
  return session.finish();
}

template <typename Command>
CommandResult<ExitCode> change(const GlobalOptions& global, const GroupOptions& options,
                               const Command& command, const std::vector<std::string>& to_look_up = {}) {
  SOTTO_TRY(Session session, Session::open(global));
  if (!to_look_up.empty()) SOTTO_CHECK_OK(session.look_up_all(to_look_up, options.wait_s));
  return change_in(session, options, command);
}

/// Members need not have spoken to this account, so it may not know them by name. Digits of an account are no
/// name.
std::vector<std::string> names_of(const std::vector<std::string>& people) {
  std::vector<std::string> out = people;
  std::erase_if(out, [](const std::string& person) {
    return person.size() >= 8 && person.find_first_not_of("0123456789abcdef") == std::string::npos;
  });
  return out;
}

/// Here, and through the sandbox.
bool is_looked_at(Profile& profile, const client::FileKey& key) {
  const auto record = client::file_record(profile.database(), key);
  return !record || record->state() == v1::AttachedFile::FAILED ||
         (record->state() == v1::AttachedFile::HERE && record->media() != v1::AttachedFile::UNCHECKED);
}

CommandResult<groups::Role> parse_role(const std::string& typed) {
  if (typed == "member") return groups::Role::member;
  if (typed == "admin") return groups::Role::admin;
  if (typed == "owner") return groups::Role::owner;
  return err(Failure{ExitCode::usage, "a role is member, admin or owner"});
}

/// What it is, and where it is wanted its octets.
CommandResult<ExitCode> show_photo(const GlobalOptions& global, const GroupOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const auto record, run_in(*profile, [&](client::Work& work) {
              return client::show_group(work, group_name(options));
            }));
  const Output output(global.json);
  if (options.output.empty()) {
    output.group(record);
    return ExitCode::ok;
  }
  if (!record.has_photo()) return err(Failure{ExitCode::usage, "the group has no photo"});
  SOTTO_TRY(const auto keys, run_in(*profile, [&](client::Work& work) {
              return client::message_files(work, record.photo().conversation(), record.photo().message_id(),
                                           true);
            }));
  wait_until(*profile, output, seconds(options.wait_s), [&] { return is_looked_at(*profile, keys.front()); });
  const auto file = client::file_record(profile->database(), keys.front());
  if (!file || file->state() != v1::AttachedFile::HERE)
    return err(Failure{ExitCode::unreachable, "the photo did not come in time; try again later"});
  SOTTO_TRY(const auto written, write_out(*profile, keys.front(), *file, false, options.output));
  output.file(*file);
  output.note("written to " + written.string());
  return ExitCode::ok;
}

}  // namespace

CommandResult<ExitCode> run_group_list(const GlobalOptions& global) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->self());
  const auto records = client::group_records(profile->database(), *self);
  if (const auto broken = profile->database().take_failure()) return err(failure_of(*broken));
  for (const auto& record : records) Output(global.json).group(record);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_group_show(const GlobalOptions& global, const GroupOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  auto outcome = profile->core().command(
      SystemClock().now(), [&](client::Work& work) { return client::show_group(work, group_name(options)); });
  if (!outcome) return err(failure_of(outcome.error()));
  if (!outcome->value) return err(failure_of(outcome->value.error()));
  Output(global.json).group(*outcome->value);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_group_create(const GlobalOptions& global, const GroupOptions& options) {
  SOTTO_TRY(Session session, Session::open(global));
  if (!options.people.empty()) SOTTO_CHECK_OK(session.look_up_all(options.people, options.wait_s));
  SOTTO_TRY(const auto record, session.run([&](client::Work& work) -> client::GroupOutcome<v1::Group> {
    SOTTO_TRY(const auto id, client::create_group(work, options.group, options.people));
    return client::group_record(work.db, work.self, *work.run.histories.find(work.db, id));
  }));
  session.output().group(record);
  return session.finish();
}

CommandResult<ExitCode> run_group_add(const GlobalOptions& global, const GroupOptions& options) {
  return change(
      global, options,
      [&](client::Work& work, const std::string& group) {
        return client::add_to_group(work, group, options.people);
      },
      options.people);
}

CommandResult<ExitCode> run_group_remove(const GlobalOptions& global, const GroupOptions& options) {
  return change(
      global, options,
      [&](client::Work& work, const std::string& group) {
        return client::remove_from_group(work, group, options.people);
      },
      names_of(options.people));
}

CommandResult<ExitCode> run_group_leave(const GlobalOptions& global, const GroupOptions& options) {
  return change(global, options, [](client::Work& work, const std::string& group) {
    return client::leave_group(work, group);
  });
}

CommandResult<ExitCode> run_group_rename(const GlobalOptions& global, const GroupOptions& options) {
  return change(global, options, [&](client::Work& work, const std::string& group) {
    return client::rename_group(work, group, options.name);
  });
}

CommandResult<ExitCode> run_group_role(const GlobalOptions& global, const GroupOptions& options) {
  SOTTO_TRY(const auto role, parse_role(options.role));
  return change(
      global, options,
      [&](client::Work& work, const std::string& group) {
        return client::set_group_role(work, group, options.person, role);
      },
      names_of({options.person}));
}

CommandResult<ExitCode> run_group_set(const GlobalOptions& global, const GroupOptions& options) {
  return change(
      global, options, [&](client::Work& work, const std::string& group) -> client::GroupOutcome<void> {
        if (options.timer_s) {
          SOTTO_CHECK_OK(
              client::set_in_group(work, group, groups::Setting::timer, seconds(*options.timer_s).value));
        }
        if (!options.guests) return {};
        return client::set_in_group(work, group, groups::Setting::guests, *options.guests ? 1 : 0);
      });
}

CommandResult<ExitCode> run_group_photo(const GlobalOptions& global, const GroupOptions& options) {
  if (options.remove) {
    return change(global, options, [](client::Work& work, const std::string& group) {
      return client::remove_group_photo(work, group);
    });
  }
  if (options.photo.empty()) return show_photo(global, options);
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const auto photos, seal_files(*profile, {options.photo}, false));
  if (!photos.front().mime.starts_with("image/"))
    return err(Failure{ExitCode::usage, "a group's photo is a picture: PNG, JPEG or WebP"});
  SOTTO_CHECK_OK(run_in(*profile, [&](client::Work& work) {
    return client::set_group_photo(work, group_name(options), photos.front());
  }));
  const Output output(global.json);
  SOTTO_TRY(const ExitCode sent, deliver(*profile, output, options.wait_s));
  SOTTO_TRY(const auto record, run_in(*profile, [&](client::Work& work) {
              return client::show_group(work, group_name(options));
            }));
  output.group(record);
  return sent;
}

CommandResult<ExitCode> run_group_link(const GlobalOptions& global, const GroupOptions& options) {
  using client::LinkChange;
  const auto wish = options.withdraw ? LinkChange::withdraw
                    : options.renew  ? LinkChange::renew
                                     : LinkChange::show;
  SOTTO_TRY(Session session, Session::open(global));
  const std::string group = group_name(options);
  SOTTO_TRY(const auto record, session.run([&](client::Work& work) -> client::GroupOutcome<v1::Group> {
    SOTTO_TRY(const std::string text, client::group_link(work, group, wish));
    SOTTO_TRY(v1::Group shown, client::show_group(work, group));
    shown.set_invite(text);
    return shown;
  }));
  session.output().group(record);
  return session.finish();
}

CommandResult<ExitCode> run_group_join(const GlobalOptions& global, const GroupOptions& options) {
  const auto link = groups::parse_link_text(options.group);
  if (!link) return err(failure_of(client::GroupFailure{client::GroupCommandError::bad_link}));
  SOTTO_TRY(Session session, Session::open(global));
  SOTTO_CHECK_OK(session.look_up_all({link->handle}, options.wait_s));
  SOTTO_TRY(const std::string asked,
            session.run([&](client::Work& work) { return client::ask_to_join(work, options.group); }));
  session.output().note(asked + " was asked; you are in the group when they let you in.");
  return session.finish();
}

CommandResult<ExitCode> run_group_requests(const GlobalOptions& global, const GroupOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  auto outcome = profile->core().command(SystemClock().now(), [&](client::Work& work) {
    return client::requests_of_group(work, group_name(options));
  });
  if (!outcome) return err(failure_of(outcome.error()));
  if (!outcome->value) return err(failure_of(outcome->value.error()));
  for (const auto& request : *outcome->value) Output(global.json).group_request(request);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_group_guest_add(const GlobalOptions& global, const GroupOptions& options) {
  SOTTO_TRY(Session session, Session::open(global));
  if (options.yes) {
    SOTTO_CHECK_OK(allow_sms(session.profile(), options.number));
  } else if (!global.json) {
    SOTTO_CHECK_OK(ask_for_sms(session.profile(), std::string(client::kSmsPrefix) + options.number));
  }
  return change_in(session, options, [&](client::Work& work, const std::string& group) {
    return client::add_guest(work, group, options.number, options.name);
  });
}

CommandResult<ExitCode> run_group_guest_remove(const GlobalOptions& global, const GroupOptions& options) {
  return change(global, options, [&](client::Work& work, const std::string& group) {
    return client::remove_guest(work, group, options.number);
  });
}

CommandResult<ExitCode> run_group_decide(const GlobalOptions& global, const GroupOptions& options,
                                         bool approve) {
  return change(global, options, [&](client::Work& work, const std::string& group) {
    return client::decide_request(work, group, options.person, approve);
  });
}

}  // namespace sotto::cli

// `sotto family`: guardians, children, and with whom those may write.
#include <unistd.h>

#include "client/families/commands.h"
#include "client/families/records.h"
#include "commands.h"
#include "confirm.h"
#include "session.h"

namespace sotto::cli {
namespace {

bool is_at_terminal() { return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0; }

/// Looks people up, does something, shows the member of the family whom it concerns.
template <typename Command>
CommandResult<ExitCode> change(const GlobalOptions& global, const FamilyOptions& options,
                               const std::vector<std::string>& people, const Command& command) {
  SOTTO_TRY(Session session, Session::open(global));
  SOTTO_CHECK_OK(session.look_up_all(people, options.wait_s));
  SOTTO_TRY(const v1::Family record, session.run(command));
  session.output().family(record);
  return session.finish();
}

/// What somebody compared: typed, or read out at the terminal.
CommandResult<std::string> compared(Session& session, const FamilyOptions& options) {
  if (!options.fingerprint.empty()) {
    std::string digits = options.fingerprint;
    std::erase(digits, ' ');
    return digits;
  }
  const auto contact = client::find_contact(session.profile().database(), options.person);
  const std::string known = contact && contact->pinned ? to_hex(contact->pinned->octets()) : std::string();
  const bool agreed =
      is_at_terminal() &&
      confirm(
          "Guardian " + options.person + " has the fingerprint\n" + known +
          "\nThe same must stand on their device (sotto contact show YOUR-NAME there shows yours, sotto "
          "family theirs). They decide from now on with whom this account may write, and when, and only they "
          "can end it. Accept?");
  if (agreed) return known;
  return err(
      Failure{ExitCode::refused, "nothing changed: where nobody can be asked, --fingerprint names the key"});
}

}  // namespace

CommandResult<ExitCode> run_family_list(const GlobalOptions& global) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->self());
  const auto records = client::family_records(profile->database(), *self);
  if (const auto broken = profile->database().take_failure()) return err(failure_of(*broken));
  const Output output(global.json);
  for (const auto& record : records) output.family(record);
  if (records.empty()) output.note("Nobody decides for this account, and it decides for nobody.");
  return ExitCode::ok;
}

CommandResult<ExitCode> run_family_requests(const GlobalOptions& global) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  const auto requests = client::family_requests(profile->database());
  if (const auto broken = profile->database().take_failure()) return err(failure_of(*broken));
  for (const auto& request : requests) Output(global.json).family_request(request);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_family_offer(const GlobalOptions& global, const FamilyOptions& options) {
  return change(global, options, {options.person},
                [&](client::Work& work) { return client::offer_guardianship(work, options.person); });
}

CommandResult<ExitCode> run_family_accept(const GlobalOptions& global, const FamilyOptions& options) {
  SOTTO_TRY(Session session, Session::open(global));
  SOTTO_CHECK_OK(session.look_up_all({options.person}, options.wait_s));
  SOTTO_TRY(const std::string fingerprint, compared(session, options));
  SOTTO_TRY(const v1::Family record, session.run([&](client::Work& work) {
    return client::accept_guardian(work, options.person, fingerprint);
  }));
  session.output().family(record);
  return session.finish();
}

CommandResult<ExitCode> run_family_set(const GlobalOptions& global, const FamilyOptions& options) {
  client::PolicyChange policy{.allow = options.allow, .forbid = options.forbid};
  if (!options.hours.empty()) policy.hours = options.hours;
  if (!options.offset.empty()) policy.offset = options.offset;
  if (!options.blur.empty()) {
    policy.blur_pictures = options.blur != "off";
    policy.blur_all_pictures = options.blur == "all";
  }
  if (!options.strangers.empty()) policy.hold_strangers = options.strangers == "hold";
  std::vector<std::string> people = options.allow;
  people.insert(people.end(), options.forbid.begin(), options.forbid.end());
  people.push_back(options.person);
  return change(global, options, people,
                [&](client::Work& work) { return client::change_policy(work, options.person, policy); });
}

CommandResult<ExitCode> run_family_end(const GlobalOptions& global, const FamilyOptions& options) {
  return change(global, options, {options.person},
                [&](client::Work& work) { return client::end_guardianship(work, options.person); });
}

CommandResult<ExitCode> run_family_ask(const GlobalOptions& global, const FamilyOptions& options) {
  return change(global, options, {options.person},
                [&](client::Work& work) { return client::ask_guardian(work, options.person, options.note); });
}

CommandResult<ExitCode> run_family_decide(const GlobalOptions& global, const FamilyOptions& options,
                                          bool allow) {
  return change(global, options, {options.person, options.other}, [&](client::Work& work) {
    return client::decide_for_child(work, options.person, options.other, allow);
  });
}

}  // namespace sotto::cli

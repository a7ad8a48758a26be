#include "sms.h"

#include <unistd.h>

#include "client/sms/texts.h"
#include "commands.h"
#include "confirm.h"
#include "output.h"

namespace sotto::cli {
namespace {

std::string question(const std::string& number) {
  return "Text messages to " + number +
         " are NOT end-to-end encrypted: your server, its gateway and the carriers can read and keep them, "
         "and "
         "whoever answers from that number may be anybody. Allow them from now on?";
}

CommandResult<v1::SmsPermission> decide(Profile& profile, const std::string& number, bool allowed) {
  auto outcome = profile.core().command(SystemClock().now(), [&](client::Work& work) {
    return client::set_sms_permission(work, number, allowed);
  });
  if (!outcome) return err(failure_of(outcome.error()));
  if (!outcome->value) return err(failure_of(outcome->value.error()));
  return *outcome->value;
}

bool is_at_terminal() { return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0; }

}  // namespace

CommandResult<void> ask_for_sms(Profile& profile, const std::string& user) {
  const auto number = client::sms_number(user);
  if (!number || client::sms_allowed(profile.database(), *number)) return {};
  if (!is_at_terminal() || !confirm(question(*number))) return {};
  SOTTO_CHECK_OK(decide(profile, *number, true));
  return {};
}

CommandResult<void> allow_sms(Profile& profile, const std::string& number) {
  SOTTO_CHECK_OK(decide(profile, number, true));
  return {};
}

CommandResult<ExitCode> run_sms_allow(const GlobalOptions& global, const SmsOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  if (!options.yes && (global.json || !is_at_terminal() || !confirm(question(options.number)))) {
    return err(
        Failure{ExitCode::insecure,
                "nothing was allowed: text messages are not end-to-end encrypted. Where nobody can be asked, "
                "--yes says that you know"});
  }
  SOTTO_TRY(const v1::SmsPermission permission, decide(*profile, options.number, true));
  Output(global.json).sms_permission(permission);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_sms_forbid(const GlobalOptions& global, const SmsOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const v1::SmsPermission permission, decide(*profile, options.number, false));
  Output(global.json).sms_permission(permission);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_sms_list(const GlobalOptions& global) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  const Output output(global.json);
  for (const auto& permission : client::sms_permissions(profile->database()))
    output.sms_permission(permission);
  return ExitCode::ok;
}

}  // namespace sotto::cli

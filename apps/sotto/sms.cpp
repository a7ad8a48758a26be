#include "sms.h"

#include "client/api/account.h"
#include "client/sms/texts.h"
#include "commands.h"
#include "confirm.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

std::string question(const std::string& number) {
  return "Text messages to " + number +
         " are NOT end-to-end encrypted: your server, its gateway and the carriers can read and keep them, "
         "and "
         "whoever answers from that number may be anybody. Allow them from now on?";
}

v1::SmsRequest about(const std::string& number) {
  v1::SmsRequest request;
  request.set_number(number);
  return request;
}

}  // namespace

CommandResult<void> ask_for_sms(Profile& profile, const std::string& user) {
  const auto number = client::sms_number(user);
  if (!number || client::sms_allowed(profile.database(), *number)) return {};
  if (!is_at_terminal() || !confirm(question(*number))) return {};
  return allow_sms(profile, *number);
}

CommandResult<void> allow_sms(Profile& profile, const std::string& number) {
  const auto allowed = profile.core().command(SystemClock().now(), [&](client::Work& work) {
    return client::set_sms_permission(work, number, true);
  });
  if (!allowed) return err(failure_of(allowed.error()));
  if (!allowed->value) return err(failure_of(allowed->value.error()));
  return {};
}

CommandResult<ExitCode> run_sms_allow(const GlobalOptions& global, const SmsOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  if (!options.yes && (global.json || !is_at_terminal() || !confirm(question(options.number)))) {
    return err(
        Failure{ExitCode::insecure,
                "nothing was allowed: text messages are not end-to-end encrypted. Where nobody can be asked, "
                "--yes says that you know"});
  }
  SOTTO_TRY(const auto permission, session.call(api::allow_sms, about(options.number)));
  session.output().sms_permission(permission);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_sms_forbid(const GlobalOptions& global, const SmsOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto permission, session.call(api::forbid_sms, about(options.number)));
  session.output().sms_permission(permission);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_sms_list(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto list, session.call(api::list_sms, v1::Nothing()));
  for (const auto& permission : list.permissions()) session.output().sms_permission(permission);
  return ExitCode::ok;
}

}  // namespace sotto::cli

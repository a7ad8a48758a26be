#include "sms.h"

#include <algorithm>

#include "client/api/account.h"
#include "client/sms/numbers.h"
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

CommandResult<void> ask_for_sms(Session& session, const std::string& user) {
  const auto number = client::sms_number(user);
  if (!number || !is_at_terminal()) return {};
  SOTTO_TRY(const auto list, api::list_sms(session.api(), v1::Nothing()));
  const bool allowed = std::ranges::any_of(list.permissions(), [&](const auto& permission) {
    return permission.number() == *number && permission.allowed();
  });
  if (allowed || !confirm(question(*number))) return {};
  return allow_sms(session, *number);
}

CommandResult<void> allow_sms(Session& session, const std::string& number) {
  SOTTO_CHECK_OK(api::allow_sms(session.api(), about(number)));
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

#include "client/api/account.h"
#include "client/api/server_address.h"
#include "client/requests/rules.h"
#include "commands.h"
#include "requests.h"
#include "session.h"

namespace sotto::cli {

CommandResult<ExitCode> run_register(const GlobalOptions& global, const RegisterOptions& options) {
  v1::RegisterRequest request;
  request.set_username(options.username);
  request.set_server(options.server);
  request.set_pin(options.pin);
  request.set_invite(options.invite);
  request.set_device_name(options.device_name);
  SOTTO_CHECK_OK(client::api::parse_server(options.server, options.pin));  // before there is a profile
  SOTTO_TRY(auto profile, Profile::open_or_create(global));
  Session session = Session::over(std::move(profile), global);
  SOTTO_TRY(auto registered, client::api::register_account(session.api(), request));
  if (const auto rule = rule_named(options.from)) {  // before anybody can write
    const auto ruled = session.profile().core().command(SystemClock().now(), [&](client::Work& work) {
      client::set_contact_rule(work, *rule);
      return true;
    });
    if (!ruled) return err(failure_of(ruled.error()));
  }
  SOTTO_TRY(const auto status, session.wait_for(std::move(registered), options.wait_s));
  session.close();
  session.output().note("Registered. Your keys are in " + global.profile + ".");
  session.output().status(status);
  return ExitCode::ok;
}

}  // namespace sotto::cli

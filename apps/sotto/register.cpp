#include "client/api/server_address.h"
#include "client/conversations/records.h"
#include "client/requests/rules.h"
#include "commands.h"
#include "profile.h"
#include "requests.h"

namespace sotto::cli {
namespace {

constexpr std::string_view kBadServer =
    "--server is HOST:PORT or [IPV6]:PORT, and --pin the 64 hexadecimal digits that `sottod` prints at its "
    "start";

/// What the server said no to, in words that say what to do.
Failure explain_refusal(const v1::Problem& problem, const std::string& username) {
  if (problem.detail() == v1::Error::Code_Name(v1::Error::HANDLE_TAKEN)) {
    return {ExitCode::refused,
            "the name " + username + " is taken on this server; run the command with another one"};
  }
  if (problem.detail() == v1::Error::Code_Name(v1::Error::REGISTRATION_CLOSED)) {
    return {ExitCode::refused,
            "this server takes no registrations without an invitation; ask its operator for one"};
  }
  if (problem.detail() == v1::Error::Code_Name(v1::Error::INVITE_INVALID)) {
    return {ExitCode::refused,
            "the invitation is not valid, or was used up; ask the server's operator for another"};
  }
  return {ExitCode::refused,
          "the server refused the registration: " + problem.detail() + " " + problem.subject()};
}

}  // namespace

CommandResult<ExitCode> run_register(const GlobalOptions& global, const RegisterOptions& options) {
  const auto server = client::api::parse_server(options.server, options.pin);
  if (!server) return err(Failure{ExitCode::usage, std::string(kBadServer)});
  SOTTO_TRY(const auto profile, Profile::open_or_create(global));
  const Output output(global.json);

  const auto set_up = profile->core().set_up_account(options.username, options.invite, options.device_name,
                                                     *server, SystemClock().now());
  if (!set_up) return err(failure_of(set_up.error()));
  if (!*set_up) return err(failure_of(set_up->error()));

  if (const auto rule = rule_named(options.from)) {
    const auto ruled = profile->core().command(SystemClock().now(), [&](client::Work& work) {
      client::set_contact_rule(work, *rule);
      return true;
    });
    if (!ruled) return err(failure_of(ruled.error()));
  }

  SOTTO_TRY(const auto connection, Connection::open(*profile, output));
  const auto end =
      connection->runtime().run(seconds(options.wait_s), [&] { return profile->core().settled(); });
  if (end != client::RunEnd::condition) {
    if (const auto* refusal = connection->problem(v1::Problem::REGISTRATION_REFUSED)) {
      return err(explain_refusal(*refusal, options.username));
    }
    Failure failure = connection->explain(end, options.server);
    failure.message += "; your keys are kept, running the command again continues";
    return err(failure);
  }
  connection->runtime().close();
  const auto status = client::status_record(profile->database(), *profile->core().self());
  output.note("Registered. Your keys are in " + global.profile + ".");
  output.status(status);
  return ExitCode::ok;
}

}  // namespace sotto::cli

#include "client/accounts/server_record.h"
#include "client/conversations/records.h"
#include "commands.h"
#include "identity/account_password.h"
#include "passphrase.h"
#include "profile.h"

namespace sotto::cli {
namespace {

CommandResult<client::NewPassword> stretch(Profile& profile, const PasswordOptions& options,
                                           const client::Self& self) {
  SOTTO_TRY(const auto password, read_password(options.password_file, PassphraseUse::choose));
  if (const auto strong = identity::check_strength(password, self.handle); !strong) {
    return err(Failure{ExitCode::usage, std::string(identity::describe(strong.error()))});
  }
  const auto server = client::load_server(profile.database());
  client::NewPassword out{.salt = profile.random().array<16>(), .authenticator = {}};
  const auto authenticator =
      identity::derive_authenticator(password, out.salt, out.cost, server ? server->name : std::string());
  if (!authenticator) {
    return err(Failure{ExitCode::failed, std::string(identity::describe(authenticator.error()))});
  }
  out.authenticator = *authenticator;
  return out;
}

CommandResult<ExitCode> change(Profile& profile, const GlobalOptions& global, const PasswordOptions& options,
                               const std::optional<client::NewPassword>& password, const std::string& done) {
  const Output output(global.json);
  SOTTO_TRY(const auto connection, Connection::open(profile, output));
  auto& runtime = connection->runtime();
  bool asked = false;
  const auto end = runtime.run(seconds(options.wait_s), [&] {
    if (!asked && profile.core().signed_in()) {
      auto outcome = profile.core().change_password(password, SystemClock().now());
      if (!outcome) return false;  // the next turn of the runtime finds the store as broken as we did
      asked = outcome->value;
      runtime.perform(std::move(outcome->effects));
    }
    return (asked && profile.core().password_changed()) ||
           connection->problem(v1::Problem::SIGN_IN_REFUSED) != nullptr;
  });
  if (const auto* refusal = connection->problem(v1::Problem::SIGN_IN_REFUSED)) {
    return err(Failure{ExitCode::refused, "the server did not take the change: " + refusal->detail()});
  }
  if (end != client::RunEnd::condition) return err(connection->explain(end, profile.server_name()));
  runtime.close();
  output.note(done);
  if (global.json) output.status(client::status_record(profile.database(), *profile.core().self()));
  return ExitCode::ok;
}

}  // namespace

CommandResult<ExitCode> run_password_set(const GlobalOptions& global, const PasswordOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->self());
  SOTTO_TRY(const auto password, stretch(*profile, options, *self));
  return change(
      *profile, global, options, password,
      "The password is set. It never left this device, and adds a device only together with the code that "
      "`sotto devices link` shows.");
}

CommandResult<ExitCode> run_password_remove(const GlobalOptions& global, const PasswordOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  return change(*profile, global, options, std::nullopt,
                "The account has no password any more; new devices join by QR code or files.");
}

}  // namespace sotto::cli

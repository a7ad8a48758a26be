// `sotto deregister`: this device leaves its account, or the account ends.
#include "client/api/account.h"
#include "commands.h"
#include "confirm.h"
#include "session.h"

namespace sotto::cli {
namespace {

CommandResult<void> agree(const DeregisterOptions& options, const std::string& name) {
  if (options.yes) return {};
  const bool sure =
      options.device
          ? confirm("Take this device out of the account " + name + "? It gets nothing more and cannot send.")
          : confirm("Turn the account " + name +
                    " off for good? Nobody can write to it any more, on no device, and it cannot be turned "
                    "on again.") &&
                confirm("Really? Its names can be taken by others after a while.");
  if (sure) return {};
  return err(Failure{ExitCode::refused, "nothing was changed"});
}

CommandResult<ExitCode> erase(const GlobalOptions& global) {
  const auto erased = client::store::ProfileFolder(global.profile).erase();
  if (!erased) return err(failure_of(erased.error()));
  Output(global.json).note("Everything in " + global.profile + " is erased.");
  return ExitCode::ok;
}

/// Nothing is left but to erase what was received.
bool is_over(Profile& profile) {
  const client::Self* self = profile.core().self();
  return self != nullptr && (self->stage == v1::Status::REMOVED || self->stage == v1::Status::RETIRED);
}

/// Lets go of the profile.
CommandResult<void> leave(std::unique_ptr<Profile> profile, const GlobalOptions& global,
                          const DeregisterOptions& options) {
  SOTTO_TRY(const client::Self* self, profile->self());
  SOTTO_CHECK_OK(agree(options, self->handle));
  Session session = Session::over(std::move(profile), global);
  v1::DeregisterRequest request;
  request.set_account(options.account);
  request.set_abandon(options.abandon);
  SOTTO_TRY(const auto status, session.call(client::api::deregister, request, options.wait_s));
  session.close();
  session.output().status(status);
  return {};
}

}  // namespace

CommandResult<ExitCode> run_deregister(const GlobalOptions& global, const DeregisterOptions& options) {
  if (options.device == options.account) {
    return err(Failure{ExitCode::usage, "say what to turn off: --device, or --account"});
  }
  SOTTO_TRY(auto profile, Profile::open(global));
  if (!options.erase || !is_over(*profile)) SOTTO_CHECK_OK(leave(std::move(profile), global, options));
  profile.reset();
  if (options.erase) return erase(global);
  Output(global.json)
      .note("What was received is still in " + global.profile + "; --erase would have deleted it.");
  return ExitCode::ok;
}

}  // namespace sotto::cli

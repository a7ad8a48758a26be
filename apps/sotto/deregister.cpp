// `sotto deregister`: this device leaves its account, or the account ends.
#include "bytes/hex.h"
#include "client/accounts/retire.h"
#include "client/conversations/records.h"
#include "client/devices/manage.h"
#include "client/outbox/queue.h"
#include "commands.h"
#include "confirm.h"
#include "profile.h"

namespace sotto::cli {
namespace {

/// Everything that was promised to be sent has been, or the user gives it up. False: the account is gone
/// already, as the server says, and nothing can be sent any more.
CommandResult<bool> drain(Profile& profile, Connection& connection, const DeregisterOptions& options) {
  const auto sent = [&] {
    return profile.core().settled() && (options.abandon || client::unsent(profile.database()) == 0);
  };
  const auto end = connection.runtime().run(seconds(options.wait_s), sent);
  if (end == client::RunEnd::condition) return true;
  const bool gone =
      end == client::RunEnd::refused && connection.problem(v1::Problem::ACCOUNT_GONE) != nullptr;
  if (gone && options.account) return false;
  if (!profile.core().settled()) return err(connection.explain(end, profile.server_name()));
  return err(
      Failure{ExitCode::queued,
              "messages wait that are not sent yet and that nobody would get any more; wait longer with "
              "--wait, or give them up with --abandon"});
}

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

/// Runs until the profile has ended in that stage.
CommandResult<void> wait_for(Profile& profile, Connection& connection, const DeregisterOptions& options,
                             v1::Status::Stage stage) {
  const auto refused = [&] { return connection.problem(v1::Problem::RETIREMENT_REFUSED); };
  const auto end = connection.runtime().run(
      seconds(options.wait_s), [&] { return profile.core().self()->stage == stage || refused() != nullptr; });
  if (profile.core().self()->stage == stage) return {};
  if (const auto* problem = refused()) {
    return err(Failure{ExitCode::refused, problem->detail() + ": " + problem->subject()});
  }
  Failure late = connection.explain(end, profile.server_name());
  late.message += "; it is done with the next connection";
  return err(late);
}

template <typename Command>
CommandResult<void> tell(Profile& profile, Connection& connection, Command&& command) {
  auto outcome = profile.core().command(SystemClock().now(), command);
  if (!outcome) return err(failure_of(outcome.error()));
  connection.runtime().perform(std::move(outcome->effects));
  if (!outcome->value) return err(failure_of(outcome->value.error()));
  return {};
}

CommandResult<void> leave(Profile& profile, Connection& connection, const DeregisterOptions& options) {
  SOTTO_CHECK_OK(tell(profile, connection, [](client::Work& work) -> Result<void, client::DeviceError> {
    SOTTO_CHECK_OK(client::remove_device(work, to_hex(work.self.device.id.view())));
    return {};
  }));
  return wait_for(profile, connection, options, v1::Status::REMOVED);
}

CommandResult<void> retire(Profile& profile, Connection& connection, const DeregisterOptions& options) {
  SOTTO_CHECK_OK(tell(profile, connection, [](client::Work& work) { return client::retire_account(work); }));
  return wait_for(profile, connection, options, v1::Status::RETIRED);
}

CommandResult<ExitCode> erase(std::unique_ptr<Profile> profile, const Output& output,
                              const std::string& name) {
  const auto folder = profile->folder();
  profile.reset();
  const auto erased = folder.erase();
  if (!erased) return err(failure_of(erased.error()));
  output.note("Everything in " + name + " is erased.");
  return ExitCode::ok;
}

}  // namespace

CommandResult<ExitCode> run_deregister(const GlobalOptions& global, const DeregisterOptions& options) {
  if (options.device == options.account) {
    return err(Failure{ExitCode::usage, "say what to turn off: --device, or --account"});
  }
  SOTTO_TRY(auto profile, Profile::open(global));
  const client::Self* known = profile->core().self();
  const bool over =
      known != nullptr && (known->stage == v1::Status::REMOVED || known->stage == v1::Status::RETIRED);
  if (over && options.erase) return erase(std::move(profile), Output(global.json), global.profile);
  SOTTO_TRY(const auto* self, profile->self());
  SOTTO_CHECK_OK(agree(options, self->handle));
  const Output output(global.json);
  {
    SOTTO_TRY(const auto connection, Connection::open(*profile, output));
    SOTTO_TRY(const bool there, drain(*profile, *connection, options));
    SOTTO_CHECK_OK(!there           ? tell(*profile, *connection, client::take_as_retired)
                   : options.device ? leave(*profile, *connection, options)
                                    : retire(*profile, *connection, options));
    connection->runtime().close();
  }
  output.status(client::status_record(profile->database(), *profile->core().self()));
  if (!options.erase) {
    output.note("What was received is still in " + global.profile + "; --erase would have deleted it.");
    return ExitCode::ok;
  }
  return erase(std::move(profile), output, global.profile);
}

}  // namespace sotto::cli

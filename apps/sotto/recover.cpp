// `sotto recover` on a new device, and `sotto recovery release` on a contact's.
#include <fmt/core.h>

#include "client/api/server_address.h"
#include "client/conversations/records.h"
#include "client/recovery/attempt.h"
#include "client/recovery/shares.h"
#include "client/recovery/upkeep.h"
#include "commands.h"
#include "confirm.h"
#include "files.h"
#include "identity/limits.h"
#include "lookup.h"
#include "profile.h"
#include "recovery_key.h"

namespace sotto::cli {
namespace {

using client::RecoveryCommandError;
using client::RecoveryOutcome;

template <typename T>
CommandResult<client::Outcome<T>> run(Profile& profile,
                                      const std::function<RecoveryOutcome<T>(client::Work&)>& body) {
  auto outcome = profile.core().run_command<RecoveryOutcome<T>>(
      SystemClock().now(), err(RecoveryCommandError::not_registered), body);
  if (!outcome) return err(failure_of(outcome.error()));
  if (!outcome->value) return err(failure_of(outcome->value.error()));
  return client::Outcome<T>{*std::move(outcome->value), std::move(outcome->effects)};
}

/// The profile, with device keys.
CommandResult<std::unique_ptr<Profile>> prepare(const GlobalOptions& global, const RecoveryOptions& options) {
  const auto server = client::api::parse_server(options.server, options.pin);
  if (!server)
    return err(Failure{ExitCode::usage, "--server is HOST:PORT or [IPV6]:PORT, --pin 64 hexadecimal digits"});
  SOTTO_TRY(auto profile, Profile::open_or_create(global));
  const auto set_up = profile->core().set_up_device(options.device_name, *server, SystemClock().now());
  if (!set_up) return err(failure_of(set_up.error()));
  if (!*set_up) return err(failure_of(set_up->error()));
  return profile;
}

CommandResult<ExitCode> write_request(Profile& profile, const RecoveryOptions& options) {
  SOTTO_TRY(const auto made, run<std::string>(profile, [&](client::Work& work) {
              return client::make_recovery_request(work, options.handle);
            }));
  SOTTO_CHECK_OK(write_file(options.request_to, made.value));
  const auto summary = client::summarize_recovery_request(made.value);
  if (summary) {
    fmt::print(
        stderr,
        "Fingerprint of the request: {}\nGive the file to your recovery contacts, talk to each of them, and "
        "compare the fingerprint:\n"
        "sotto recovery release FILE. With what they give back: sotto recover {} --server {} --shares FILE "
        "FILE ...\n",
        summary->fingerprint, options.handle, options.server);
  }
  return ExitCode::ok;
}

/// Tells the core what to recover with.
CommandResult<void> begin(Profile& profile, const RecoveryOptions& options) {
  const client::RecoveryWish wish{.handle = options.handle, .keep_devices = options.keep_devices};
  if (!options.shares.empty()) {
    std::vector<std::string> shares;
    for (const std::string& name : options.shares) {
      SOTTO_TRY(shares.emplace_back(), read_file(name, identity::kMaxArmor));
    }
    SOTTO_CHECK_OK(run<std::monostate>(profile, [&](client::Work& work) -> RecoveryOutcome<std::monostate> {
      SOTTO_CHECK_OK(client::recover_with_shares(work, wish, shares));
      return std::monostate();
    }));
    return {};
  }
  SOTTO_TRY(const auto seed,
            read_recovery_key("Recovery key: ",
                              options.key_from_stdin ? KeySource::standard_input : KeySource::terminal));
  SOTTO_CHECK_OK(run<std::monostate>(profile, [&](client::Work& work) -> RecoveryOutcome<std::monostate> {
    SOTTO_CHECK_OK(client::recover_with_key(work, wish, seed));
    return std::monostate();
  }));
  return {};
}

CommandResult<void> ask_person(const client::RecoveryRequestSummary& request) {
  const bool same = confirm(fmt::format(
      "Somebody asks for your share of {}'s account, to get back into it without any device.\n"
      "Fingerprint of the request: {}\n"
      "Talk to {} now, by voice, and compare it with what `sotto recover` printed there. Whoever sent you\n"
      "the file may be somebody else. Is it {}, and is the fingerprint the same?",
      request.handle, request.fingerprint, request.handle, request.handle));
  if (same) return {};
  return err(Failure{ExitCode::refused, "nothing was given and nobody was told"});
}

}  // namespace

CommandResult<ExitCode> run_recover(const GlobalOptions& global, const RecoveryOptions& options) {
  SOTTO_TRY(const auto profile, prepare(global, options));
  if (!options.request_to.empty()) return write_request(*profile, options);
  SOTTO_CHECK_OK(begin(*profile, options));
  const Output output(global.json);
  SOTTO_TRY(const auto connection, Connection::open(*profile, output, [&](const v1::Event& event) {
              if (event.has_recovery()) output.recovery_progress(event.recovery());
            }));
  const auto end = connection->runtime().run(seconds(options.wait_s), [&] {
    const client::Self& self = *profile->core().self();
    return self.ready() && profile->core().settled() &&
           client::recovery_is_kept(profile->database(), self.account_id());
  });
  if (end != client::RunEnd::condition) {
    if (const auto* refusal = connection->problem(v1::Problem::RECOVERY_REFUSED)) {
      return err(Failure{ExitCode::refused, refusal->detail()});
    }
    Failure failure = connection->explain(end, profile->server_name());
    failure.message += "; nothing is lost, run the command again";
    return err(failure);
  }
  connection->runtime().close();
  v1::RecoveryProgress done;
  done.set_stage(v1::RecoveryProgress::DONE);
  done.set_detail(options.keep_devices
                      ? "You are back. The devices that you had before are still in the account."
                      : "You are back. The devices that you had before are out of the account.");
  output.recovery_progress(done);
  output.status(client::status_record(profile->database(), *profile->core().self()));
  return ExitCode::ok;
}

CommandResult<ExitCode> run_recovery_release(const GlobalOptions& global, const RecoveryOptions& options) {
  SOTTO_TRY(const std::string request, read_file(options.file, identity::kMaxArmor));
  const auto summary = client::summarize_recovery_request(request);
  if (!summary) return err(failure_of(summary.error()));
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  if (!options.yes) SOTTO_CHECK_OK(ask_person(*summary));
  SOTTO_TRY(const auto connection, Connection::open(*profile, Output(global.json)));
  auto& runtime = connection->runtime();
  const auto settled = [&] { return profile->core().settled(); };
  auto end = runtime.run(seconds(options.wait_s), settled);
  if (end != client::RunEnd::condition) return err(connection->explain(end, profile->server_name()));
  SOTTO_CHECK_OK(look_up(*profile, *connection, summary->handle, options.wait_s));
  SOTTO_TRY(auto release, run<client::Release>(*profile, [&](client::Work& work) {
              return client::release_share(work, request);
            }));
  runtime.perform(std::move(release.effects));
  end = runtime.run(seconds(options.wait_s), settled);
  runtime.close();
  if (release.value.armored) {
    SOTTO_CHECK_OK(write_file(options.output, *release.value.armored));
    Output(global.json).note("Give this to " + summary->handle + ". It serves for this request alone.");
    return ExitCode::ok;
  }
  return err(Failure{ExitCode::queued, "the devices of " + summary->handle +
                                           " are told, and may object; run the command again after " +
                                           local_time(release.value.not_before.value)});
}

}  // namespace sotto::cli

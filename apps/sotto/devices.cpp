#include <fmt/core.h>

#include <cstdio>
#include <iostream>

#include "client/api/server_address.h"
#include "client/conversations/records.h"
#include "commands.h"
#include "files.h"
#include "identity/limits.h"
#include "profile.h"

namespace sotto::cli {
namespace {

CommandResult<void> confirm(const client::RequestSummary& request) {
  fmt::print(
      stderr,
      "A device named \"{}\" asks to join your account. It will read everything sent to you from now on.\n"
      "Fingerprint of its request: {}\n"
      "Compare it with what `sotto devices request` printed there. Add the device? [y/N] ",
      request.name, request.fingerprint);
  std::string answer;
  if (std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes")) return {};
  return err(Failure{ExitCode::refused, "not approved; nothing was changed"});
}

}  // namespace

CommandResult<ExitCode> run_devices_request(const GlobalOptions& global, const DeviceOptions& options) {
  const auto server = client::api::parse_server(options.server, options.pin);
  if (!server)
    return err(Failure{ExitCode::usage, "--server is HOST:PORT or [IPV6]:PORT, --pin 64 hexadecimal digits"});
  SOTTO_TRY(const auto profile, Profile::open_or_create(global));
  const auto set_up = profile->core().set_up_device(options.device_name, *server, SystemClock().now());
  if (!set_up) return err(failure_of(set_up.error()));
  if (!*set_up) return err(failure_of(set_up->error()));
  const auto request = profile->core().request_link(SystemClock().now());
  if (!request) return err(failure_of(request.error()));
  if (!request->value) return err(failure_of(request->value.error()));
  SOTTO_CHECK_OK(write_file(options.output, *request->value));
  const auto summary = client::summarize_request(*request->value);
  if (summary) {
    fmt::print(stderr,
               "Fingerprint of the request: {}\nApprove it on a device of your account: sotto devices "
               "approve FILE\n",
               summary->fingerprint);
  }
  return ExitCode::ok;
}

CommandResult<ExitCode> run_devices_approve(const GlobalOptions& global, const DeviceOptions& options) {
  SOTTO_TRY(const std::string request, read_file(options.file, identity::kMaxArmor));
  const auto summary = client::summarize_request(request);
  if (!summary) return err(failure_of(summary.error()));
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  if (!options.yes) SOTTO_CHECK_OK(confirm(*summary));

  SOTTO_TRY(const auto connection, Connection::open(*profile, Output(global.json)));
  auto& runtime = connection->runtime();
  const auto end = runtime.run(seconds(options.wait_s), [&] { return profile->core().settled(); });
  if (end != client::RunEnd::condition) return err(connection->explain(end, profile->server_name()));
  auto approved = profile->core().approve_link(request, SystemClock().now());
  if (!approved) return err(failure_of(approved.error()));
  if (!approved->value) return err(failure_of(approved->value.error()));
  runtime.perform(std::move(approved->effects));

  std::optional<std::string> grant;
  const auto published = runtime.run(seconds(options.wait_s), [&] {
    auto made = profile->core().grant_link(request, SystemClock().now());
    if (made) {
      if (made->value) grant = *made->value;
      runtime.perform(std::move(made->effects));
    }
    return grant.has_value() || connection->problem(v1::Problem::MANIFEST_REFUSED) != nullptr;
  });
  if (!grant) {
    if (const auto* refusal = connection->problem(v1::Problem::MANIFEST_REFUSED)) {
      return err(Failure{ExitCode::refused, refusal->detail()});
    }
    return err(connection->explain(published, profile->server_name()));
  }
  runtime.close();
  SOTTO_CHECK_OK(write_file(options.output, *grant));
  fmt::print(stderr, "Approved. On the new device: sotto devices join FILE\n");
  return ExitCode::ok;
}

CommandResult<ExitCode> run_devices_join(const GlobalOptions& global, const DeviceOptions& options) {
  SOTTO_TRY(const std::string grant, read_file(options.file, identity::kMaxArmor));
  SOTTO_TRY(const auto profile, Profile::open(global));
  const auto joined = profile->core().join_link(grant, SystemClock().now());
  if (!joined) return err(failure_of(joined.error()));
  if (!joined->value) return err(failure_of(joined->value.error()));
  SOTTO_TRY(const auto connection, Connection::open(*profile, Output(global.json)));
  const auto end =
      connection->runtime().run(seconds(options.wait_s), [&] { return profile->core().settled(); });
  if (end != client::RunEnd::condition) {
    Failure failure = connection->explain(end, profile->server_name());
    failure.message += "; the device is linked and goes on with the next command";
    return err(failure);
  }
  connection->runtime().close();
  Output(global.json).status(client::status_record(profile->database(), *profile->core().self()));
  return ExitCode::ok;
}

}  // namespace sotto::cli

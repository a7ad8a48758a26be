// `sotto devices request`, `approve` and `join`: a device joins the account by two files that somebody
// carries. Each is a step of the core of its own; calls of client/api link by code or QR code (link.cpp).
#include "client/api/devices.h"

#include <fmt/core.h>

#include "client/api/account.h"
#include "client/api/server_address.h"
#include "commands.h"
#include "confirm.h"
#include "files.h"
#include "identity/limits.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

template <typename T>
using Step = client::StoreResult<client::Outcome<Result<T, client::LinkError>>>;

/// What a step gave, once what it has to send is on its way.
template <typename T>
CommandResult<T> take(Session& session, Step<T> step) {
  if (!step) return err(failure_of(step.error()));
  session.api().perform(std::move(step->effects));
  if (!step->value) return err(failure_of(step->value.error()));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return *std::move(step->value);
  }
}

CommandResult<void> ask_person(const client::RequestSummary& request) {
  const bool wanted = confirm(fmt::format(
      "A device named \"{}\" asks to join your account. It will read everything sent to you from now on.\n"
      "Fingerprint of its request: {}\n"
      "Compare it with what `sotto devices request` printed there. Add the device?",
      request.name, request.fingerprint));
  if (wanted) return {};
  return err(Failure{ExitCode::refused, "not approved; nothing was changed"});
}

/// Lists the device of the request, and hands the account over once the server has published that.
CommandResult<std::string> grant_for(Session& session, const std::string& request, DurationMs patience) {
  auto& core = session.profile().core();
  const auto now = [] { return SystemClock().now(); };
  if (const auto cut = session.work_until(patience, [&] { return core.settled(); })) return err(*cut);
  SOTTO_CHECK_OK(take(session, core.approve_link(request, now())));
  std::optional<std::string> grant;
  const auto refusal = [&] { return session.connection()->problem(v1::Problem::MANIFEST_REFUSED); };
  const auto cut = session.work_until(patience, [&] {
    if (auto made = take(session, core.grant_link(request, now()))) grant = *std::move(made);
    return grant || refusal() != nullptr;
  });
  if (grant) return *std::move(grant);
  if (const auto* refused = refusal()) return err(Failure{ExitCode::refused, refused->detail()});
  return err(*cut);
}

}  // namespace

CommandResult<ExitCode> run_devices_request(const GlobalOptions& global, const DeviceOptions& options) {
  SOTTO_CHECK_OK(api::parse_server(options.server, options.pin));  // before there is a profile
  SOTTO_TRY(auto profile, Profile::open_or_create(global));
  Session session = Session::over(std::move(profile), global, Reach::nobody);
  SOTTO_CHECK_OK(api::set_up_device(session.api(), options.server, options.pin, options.device_name));
  auto& core = session.profile().core();
  SOTTO_TRY(const std::string request, take(session, core.request_link(SystemClock().now())));
  SOTTO_CHECK_OK(write_file(options.output, request));
  const auto summary = client::summarize_request(request);
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
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  if (!options.yes) SOTTO_CHECK_OK(ask_person(*summary));
  SOTTO_TRY(const std::string grant, grant_for(session, request, seconds(options.wait_s)));
  session.close();
  SOTTO_CHECK_OK(write_file(options.output, grant));
  fmt::print(stderr, "Approved. On the new device: sotto devices join FILE\n");
  return ExitCode::ok;
}

CommandResult<ExitCode> run_devices_join(const GlobalOptions& global, const DeviceOptions& options) {
  SOTTO_TRY(const std::string grant, read_file(options.file, identity::kMaxArmor));
  SOTTO_TRY(auto profile, Profile::open(global));
  Session session = Session::over(std::move(profile), global);
  auto& core = session.profile().core();
  SOTTO_CHECK_OK(take(session, core.join_link(grant, SystemClock().now())));
  if (auto cut = session.work_until(seconds(options.wait_s), [&] { return core.settled(); })) {
    cut->message += "; the device is linked and goes on with the next command";
    return err(*std::move(cut));
  }
  session.close();
  SOTTO_TRY(const auto status, session.call(api::account_status, v1::Nothing()));
  session.output().status(status);
  return ExitCode::ok;
}

}  // namespace sotto::cli

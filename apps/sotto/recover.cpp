// `sotto recover` on a new device, and `sotto recovery release` on a contact's.
#include <fmt/core.h>

#include "client/api/devices.h"
#include "client/api/recovery.h"
#include "client/api/server_address.h"
#include "commands.h"
#include "confirm.h"
#include "files.h"
#include "identity/limits.h"
#include "recovery_key.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

v1::RecoverRequest request_of(const RecoveryOptions& options) {
  v1::RecoverRequest request;
  request.set_server(options.server);
  request.set_pin(options.pin);
  request.set_handle(options.handle);
  request.set_device_name(options.device_name);
  request.set_keep_devices(options.keep_devices);
  return request;
}

CommandResult<ExitCode> write_request(Session& session, const RecoveryOptions& options) {
  SOTTO_TRY(const auto asked, session.call(api::ask_for_shares, request_of(options)));
  SOTTO_CHECK_OK(write_file(options.request_to, asked.request()));
  fmt::print(
      stderr,
      "Fingerprint of the request: {}\nGive the file to your recovery contacts, talk to each of them, and "
      "compare the fingerprint:\n"
      "sotto recovery release FILE. With what they give back: sotto recover {} --server {} --shares FILE "
      "FILE ...\n",
      asked.fingerprint(), options.handle, options.server);
  return ExitCode::ok;
}

/// With what is typed, or lies in files.
CommandResult<api::Wait<v1::Status>> begin(Session& session, const RecoveryOptions& options) {
  v1::RecoverRequest request = request_of(options);
  if (options.shares.empty()) {
    const auto source = options.key_from_stdin ? KeySource::standard_input : KeySource::terminal;
    SOTTO_TRY(const auto seed, read_recovery_key("Recovery key: ", source));
    return api::recover_with(session.api(), request, seed);
  }
  for (const std::string& name : options.shares) {
    SOTTO_TRY(*request.add_shares(), read_file(name, identity::kMaxArmor));
  }
  return api::recover(session.api(), request);
}

void show_end(const Output& output, const v1::Status& status, bool keep_devices) {
  v1::RecoveryProgress done;
  done.set_stage(v1::RecoveryProgress::DONE);
  done.set_detail(keep_devices ? "You are back. The devices that you had before are still in the account."
                               : "You are back. The devices that you had before are out of the account.");
  output.recovery_progress(done);
  output.status(status);
}

CommandResult<void> ask_person(const v1::SharesRequest& request) {
  const bool same = confirm(fmt::format(
      "Somebody asks for your share of {}'s account, to get back into it without any device.\n"
      "Fingerprint of the request: {}\n"
      "Talk to {} now, by voice, and compare it with what `sotto recover` printed there. Whoever sent you\n"
      "the file may be somebody else. Is it {}, and is the fingerprint the same?",
      request.handle(), request.fingerprint(), request.handle(), request.handle()));
  if (same) return {};
  return err(Failure{ExitCode::refused, "nothing was given and nobody was told"});
}

}  // namespace

CommandResult<ExitCode> run_recover(const GlobalOptions& global, const RecoveryOptions& options) {
  SOTTO_CHECK_OK(api::parse_server(options.server, options.pin));  // before there is a profile
  SOTTO_TRY(auto profile, Profile::open_or_create(global));
  const Output output(global.json);
  const bool asks = !options.request_to.empty();
  Session session = Session::over(std::move(profile), global, asks ? Reach::nobody : Reach::server,
                                  [output](const v1::Event& event) {
                                    if (event.has_recovery()) output.recovery_progress(event.recovery());
                                  });
  if (asks) return write_request(session, options);
  // Before anybody types a key in vain.
  SOTTO_CHECK_OK(api::set_up_device(session.api(), options.server, options.pin, options.device_name));
  SOTTO_TRY(auto begun, begin(session, options));
  const auto status = session.wait_for(std::move(begun), options.wait_s);
  session.close();
  if (!status) {
    Failure failure = status.error();
    if (failure.code == ExitCode::unreachable) failure.message += "; nothing is lost, run the command again";
    return err(failure);
  }
  show_end(output, *status, options.keep_devices);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_recovery_release(const GlobalOptions& global, const RecoveryOptions& options) {
  v1::SharesRequest request;
  SOTTO_TRY(*request.mutable_request(), read_file(options.file, identity::kMaxArmor));
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  SOTTO_TRY(const auto asked, api::read_shares_request(session.api(), request));
  if (!options.yes) SOTTO_CHECK_OK(ask_person(asked));
  SOTTO_TRY(const auto release, session.call(api::release_share, request, options.wait_s));
  if (!release.share().empty()) {
    session.close();
    SOTTO_CHECK_OK(write_file(options.output, release.share()));
    session.output().note("Give this to " + asked.handle() + ". It serves for this request alone.");
    return ExitCode::ok;
  }
  SOTTO_CHECK_OK(session.finish());
  return err(Failure{ExitCode::queued, "the devices of " + asked.handle() +
                                           " are told, and may object; run the command again after " +
                                           local_time(release.not_before_ms())});
}

}  // namespace sotto::cli

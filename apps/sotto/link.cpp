// Linking by code or QR code, from either side.
#include "client/api/account.h"
#include "client/api/devices.h"
#include "client/api/server_address.h"
#include "commands.h"
#include "passphrase.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

/// A code is good for two minutes, a run lasts twelve at most (docs/specs/linking.md 4, 8).
constexpr DurationMs kLongestRun = minutes(14);

/// Shows progress as it comes, and remembers how far it was; a run that failed may be followed by more.
void watch(const v1::Event& event, const Output& output, v1::LinkProgress& last) {
  if (!event.has_link()) return;
  output.link(event.link());
  static_cast<void>(output.flush());  // somebody reads the code now
  if (last.stage() != v1::LinkProgress::FAILED) last = event.link();
}

/// Both factors, or what was scanned.
struct Joining {
  v1::LinkRequest request;
  crypto::SecretBytes password;
};

CommandResult<Joining> read_joining(const LinkOptions& options) {
  Joining out;
  out.request.set_server(options.server);
  out.request.set_pin(options.pin);
  out.request.set_device_name(options.device_name);
  if (options.handle.empty() == options.qr.empty()) {
    return err(Failure{ExitCode::usage, "give the account's name, or the text of a QR code with --qr"});
  }
  out.request.set_qr(options.qr);
  if (options.qr == "-") {
    SOTTO_TRY(*out.request.mutable_qr(), read_code("Text of the QR code: "));
  }
  if (!options.qr.empty()) return out;
  out.request.set_handle(options.handle);
  SOTTO_TRY(out.password, read_password(options.password_file, PassphraseUse::open));
  out.request.set_code(options.code);
  if (options.code.empty()) {
    SOTTO_TRY(*out.request.mutable_code(),
              read_code("Code that `sotto devices link` shows on the other device: "));
  }
  return out;
}

/// Shows the code, and how far the new device is, until it is linked or the run is over.
CommandResult<void> offer(Session& session, const OfferOptions& options, const v1::LinkProgress& last) {
  v1::OfferLinkRequest request;
  request.set_qr(options.qr);
  SOTTO_CHECK_OK(session.call(api::offer_link, request, options.wait_s));
  const auto is_over = [&] {
    return last.stage() == v1::LinkProgress::LINKED || last.stage() == v1::LinkProgress::FAILED;
  };
  const auto cut = session.work_until(kLongestRun, is_over);
  if (last.stage() == v1::LinkProgress::FAILED) return err(Failure{ExitCode::refused, last.failure()});
  if (!cut) return {};
  SOTTO_CHECK_OK(session.call(api::withdraw_link, v1::Nothing()));
  if (session.interrupted()) return err(Failure{ExitCode::refused, "withdrawn; no device was linked"});
  return err(*cut);
}

}  // namespace

CommandResult<ExitCode> run_devices_link(const GlobalOptions& global, const OfferOptions& options) {
  const Output output(global.json);
  v1::LinkProgress last;
  SOTTO_TRY(Session session, Session::open(global, Reach::server,
                                           [&](const v1::Event& event) { watch(event, output, last); }));
  // Before anything runs: threads that look up names inherit what is blocked.
  SOTTO_CHECK_OK(session.connect());
  session.connection()->stop_on_signals();
  if (!options.qr) {
    output.note("On the new device: sotto link " + session.profile().core().self()->handle + " --server " +
                session.profile().server_name());
  }
  const auto linked = offer(session, options, last);
  if (linked) session.settle();
  session.close();
  if (!linked) return err(linked.error());
  return ExitCode::ok;
}

CommandResult<ExitCode> run_link(const GlobalOptions& global, const LinkOptions& options) {
  SOTTO_CHECK_OK(api::parse_server(options.server, options.pin));  // before there is a profile
  SOTTO_TRY(auto profile, Profile::open_or_create(global));
  SOTTO_TRY(Joining joining, read_joining(options));
  const Output output(global.json);
  v1::LinkProgress last;
  Session session = Session::over(std::move(profile), global, Reach::server,
                                  [&](const v1::Event& event) { watch(event, output, last); });
  SOTTO_TRY(auto begun, api::link_with(session.api(), joining.request, std::move(joining.password)));
  const auto linked = session.wait_for(std::move(begun), options.wait_s);
  session.close();
  if (!linked) {
    Failure failure = linked.error();
    const bool there = last.stage() == v1::LinkProgress::LINKED;
    if (there) failure.message += "; the device is linked and goes on with the next command";
    return err(failure);
  }
  SOTTO_TRY(const auto status, session.call(api::account_status, v1::Nothing()));
  output.status(status);
  return ExitCode::ok;
}

}  // namespace sotto::cli

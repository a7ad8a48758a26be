// Linking by code or QR code, from either side.
#include "client/api/server_address.h"
#include "client/conversations/records.h"
#include "commands.h"
#include "identity/account_password.h"
#include "passphrase.h"
#include "profile.h"

namespace sotto::cli {
namespace {

/// A code is good for two minutes, a run lasts twelve at most (docs/specs/linking.md 4, 8).
constexpr DurationMs kLongestRun = minutes(14);
/// For what is said last: the grant has left, other devices hear of it.
constexpr DurationMs kFarewell = seconds(10);

/// Shows progress as it comes, and remembers how it ended.
struct Watch {
  const Output& output;
  v1::LinkProgress::Stage stage = v1::LinkProgress::STAGE_UNSPECIFIED;
  std::string failure;

  void on_event(const v1::Event& event) {
    if (!event.has_link()) return;
    output.link(event.link());
    static_cast<void>(output.flush());  // somebody reads the code now
    if (event.link().stage() == v1::LinkProgress::FAILED) failure = event.link().failure();
    stage = event.link().stage();
  }
  [[nodiscard]] bool linked() const { return stage == v1::LinkProgress::LINKED; }
  [[nodiscard]] bool failed() const { return !failure.empty(); }
};

CommandResult<void> offer(Profile& profile, Connection& connection, const OfferOptions& options) {
  auto& runtime = connection.runtime();
  const auto ready = runtime.run(seconds(options.wait_s), [&] { return profile.core().settled(); });
  if (ready != client::RunEnd::condition) return err(connection.explain(ready, profile.server_name()));
  const auto kind = options.qr ? client::OfferKind::qr : client::OfferKind::code;
  auto offered = profile.core().offer_link(kind, SystemClock().now());
  if (!offered) return err(failure_of(offered.error()));
  const auto refused = offered->value;
  runtime.perform(std::move(offered->effects));
  if (!refused) return err(failure_of(refused.error()));
  return {};
}

void withdraw(Profile& profile, Connection& connection) {
  auto withdrawn = profile.core().withdraw_offer(SystemClock().now());
  if (withdrawn) connection.runtime().perform(std::move(withdrawn->effects));
  connection.runtime().close();
}

/// What the server asks for: seconds of work, for which nothing else waits here.
CommandResult<void> answer_challenge(Profile& profile, Connection& connection,
                                     const crypto::SecretBytes& password) {
  const auto* challenge = profile.core().password_challenge();
  if (challenge == nullptr) return {};
  const auto authenticator =
      identity::derive_authenticator(password, challenge->salt, challenge->cost, challenge->server_name);
  if (!authenticator) {
    return err(Failure{ExitCode::refused, std::string(identity::describe(authenticator.error()))});
  }
  auto sent = profile.core().sign_in(*authenticator, SystemClock().now());
  if (!sent) return err(failure_of(sent.error()));
  connection.runtime().perform(std::move(sent->effects));
  return {};
}

/// Both factors, or what was scanned.
struct Secrets {
  crypto::SecretBytes password;
  std::string code;
  std::string qr;
};

CommandResult<Secrets> read_secrets(const LinkOptions& options) {
  Secrets out;
  if (options.handle.empty() == options.qr.empty()) {
    return err(Failure{ExitCode::usage, "give the account's name, or the text of a QR code with --qr"});
  }
  if (!options.qr.empty()) {
    out.qr = options.qr;
    if (options.qr == "-") {
      SOTTO_TRY(out.qr, read_code("Text of the QR code: "));
    }
    return out;
  }
  SOTTO_TRY(out.password, read_password(options.password_file, PassphraseUse::open));
  out.code = options.code;
  if (out.code.empty()) {
    SOTTO_TRY(out.code, read_code("Code that `sotto devices link` shows on the other device: "));
  }
  return out;
}

CommandResult<void> begin(Profile& profile, const LinkOptions& options, const Secrets& secrets) {
  const auto server = client::api::parse_server(options.server, options.pin);
  if (!server)
    return err(Failure{ExitCode::usage, "--server is HOST:PORT or [IPV6]:PORT, --pin 64 hexadecimal digits"});
  const UnixMs now = SystemClock().now();
  const auto set_up = profile.core().set_up_device(options.device_name, *server, now);
  if (!set_up) return err(failure_of(set_up.error()));
  if (!*set_up) return err(failure_of(set_up->error()));
  const auto begun = secrets.qr.empty() ? profile.core().join_by_code(options.handle, secrets.code, now)
                                        : profile.core().join_by_qr(secrets.qr, now);
  if (!begun) return err(failure_of(begun.error()));
  if (!begun->value) return err(failure_of(begun->value.error()));
  return {};
}

}  // namespace

CommandResult<ExitCode> run_devices_link(const GlobalOptions& global, const OfferOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  const Output output(global.json);
  Watch watch{.output = output, .failure = {}};
  SOTTO_TRY(const auto connection,
            Connection::open(*profile, output, [&](const v1::Event& event) { watch.on_event(event); }));
  connection->stop_on_signals();  // before anything runs: threads that look up names inherit what is blocked
  SOTTO_CHECK_OK(offer(*profile, *connection, options));
  auto& runtime = connection->runtime();
  if (!options.qr) {
    output.note("On the new device: sotto link " + profile->core().self()->handle + " --server " +
                profile->server_name());
  }
  const auto end = runtime.run(kLongestRun, [&] { return watch.linked() || watch.failed(); });
  if (!watch.linked() && !watch.failed()) {
    withdraw(*profile, *connection);
    return end == client::RunEnd::interrupted
               ? CommandResult<ExitCode>(err(Failure{ExitCode::refused, "withdrawn; no device was linked"}))
               : err(connection->explain(end, profile->server_name()));
  }
  runtime.run(kFarewell, [&] { return profile->core().settled(); });
  runtime.close();
  if (watch.failed()) return err(Failure{ExitCode::refused, watch.failure});
  return ExitCode::ok;
}

CommandResult<ExitCode> run_link(const GlobalOptions& global, const LinkOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open_or_create(global));
  SOTTO_TRY(const Secrets secrets, read_secrets(options));
  SOTTO_CHECK_OK(begin(*profile, options, secrets));
  const Output output(global.json);
  Watch watch{.output = output, .failure = {}};
  SOTTO_TRY(const auto connection,
            Connection::open(*profile, output, [&](const v1::Event& event) { watch.on_event(event); }));
  auto& runtime = connection->runtime();
  CommandResult<void> answered;
  const auto end = runtime.run(seconds(options.wait_s), [&] {
    if (answered) answered = answer_challenge(*profile, *connection, secrets.password);
    return !answered || watch.failed() || (watch.linked() && profile->core().settled());
  });
  if (!answered) return err(answered.error());
  if (watch.failed()) {
    runtime.close();
    return err(Failure{ExitCode::refused, watch.failure});
  }
  if (end != client::RunEnd::condition) {
    Failure failure = connection->explain(end, options.server);
    if (watch.linked()) failure.message += "; the device is linked and goes on with the next command";
    return err(failure);
  }
  runtime.close();
  output.status(client::status_record(profile->database(), *profile->core().self()));
  return ExitCode::ok;
}

}  // namespace sotto::cli

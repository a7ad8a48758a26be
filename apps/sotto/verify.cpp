// `sotto verify`: twelve digits or a QR code compared with a contact.
#include "client/api/contacts.h"
#include "client/verification/digits.h"
#include "commands.h"
#include "confirm.h"
#include "identity/handle.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;
using Progress = v1::VerificationProgress;

v1::ContactRequest about(const std::string& handle) {
  v1::ContactRequest request;
  request.set_contact(handle);
  return request;
}

CommandResult<Progress> progress_of(Session& session, const std::string& handle) {
  auto& profile = session.profile();
  const auto found =
      client::comparison(profile.database(), *profile.core().self(), handle, SystemClock().now());
  if (const auto broken = profile.database().take_failure()) return err(failure_of(*broken));
  if (!found) return err(failure_of(found.error()));
  return *found;
}

/// Until the digits are there, or the run is over.
CommandResult<Progress> await(Session& session, const std::string& handle, DurationMs wait) {
  const auto decided = [&] {
    const auto found = progress_of(session, handle);
    return !found || found->stage() == Progress::COMPARE || found->stage() == Progress::FAILED;
  };
  if (const auto cut = session.work_until(wait, decided)) {
    const auto* connection = session.connection();
    if (connection != nullptr && !session.connection()->runtime().connected()) return err(*cut);
    return err(Failure{ExitCode::queued,
                       "the other side has not answered yet. They compare with: sotto verify YOUR-NAME. "
                       "Then run the command again, within ten minutes"});
  }
  session.settle();
  return progress_of(session, handle);
}

std::string only_digits(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter >= '0' && letter <= '9') out += letter;
  }
  return out;
}

/// What the user, or the command line, says about the digits. Typed ones that differ are a "no".
bool is_same(const VerifyOptions& options, const Progress& progress) {
  bool same = options.yes;
  if (!options.digits.empty()) {
    same = only_digits(options.digits) == only_digits(progress.digits());
  } else if (!options.yes && !options.no) {
    same = confirm("Read the digits to each other. Does " + progress.contact() + " see the same?");
  }
  return same;
}

void show(const Output& output, const Progress& progress) {
  output.verification(progress);
  static_cast<void>(output.flush());  // somebody reads it out now
}

CommandResult<ExitCode> compare_digits(Session& session, const VerifyOptions& options,
                                       const std::string& handle) {
  const Output& output = session.output();
  SOTTO_TRY(auto progress, session.call(api::start_digits, about(handle)));
  if (progress.stage() == Progress::STARTED) show(output, progress);
  SOTTO_TRY(progress, await(session, handle, seconds(options.wait_s)));
  if (progress.stage() == Progress::FAILED) return err(Failure{ExitCode::refused, progress.failure()});
  show(output, progress);
  v1::AnswerDigitsRequest answer;
  answer.set_contact(handle);
  answer.set_same(is_same(options, progress));
  SOTTO_TRY(const auto answered, session.call(api::answer_digits, answer));
  session.settle();
  session.close();
  if (!answer.same()) {
    const auto why =
        options.digits.empty()
            ? answered.failure()
            : std::string(
                  "these are not the digits shown here. If they were typed as read out, the keys "
                  "differ or somebody interferes: do not trust this conversation, and compare "
                  "fingerprints in person");
    return err(Failure{ExitCode::refused, why});
  }
  output.verification(answered);
  return ExitCode::ok;
}

/// A decision of the user is told to own devices while the server can be reached, and else later.
ExitCode decided(Session& session) {
  session.settle();
  return session.close();
}

CommandResult<ExitCode> take_scanned(Session& session, const std::string& handle,
                                     const std::string& scanned) {
  v1::VerifyQrRequest request;
  request.set_contact(handle);
  request.set_scanned(scanned);
  SOTTO_TRY(const auto verified, session.call(api::verify_by_qr, request));
  session.output().verification(verified);
  return decided(session);
}

}  // namespace

CommandResult<ExitCode> run_verify(const GlobalOptions& global, const VerifyOptions& options) {
  const auto normal = identity::Handle::parse(options.user);
  if (!normal) return err(failure_of(client::ComposeError::bad_handle));
  const std::string& handle = normal->text();
  SOTTO_TRY(Session session, Session::open(global));
  if (options.qr) {
    SOTTO_TRY(const auto code, api::show_qr(session.api(), about(handle)));
    session.output().verification(code);
    return ExitCode::ok;
  }
  if (options.stop) {
    const auto stop = [&](client::Work& work) { return client::stop_comparing(work, handle); };
    SOTTO_CHECK_OK(session.run(stop));
    return decided(session);
  }
  if (options.withdraw) {
    SOTTO_CHECK_OK(session.call(api::withdraw_verification, about(handle)));
    session.output().note(handle + " counts as not verified.");
    return decided(session);
  }
  if (!options.scanned.empty()) return take_scanned(session, handle, options.scanned);
  return compare_digits(session, options, handle);
}

}  // namespace sotto::cli

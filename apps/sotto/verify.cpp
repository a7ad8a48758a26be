// `sotto verify`: twelve digits or a QR code compared with a contact.
#include <fmt/core.h>

#include <chrono>
#include <thread>

#include "client/verification/digits.h"
#include "client/verification/qr.h"
#include "commands.h"
#include "confirm.h"
#include "identity/handle.h"
#include "profile.h"
#include "qr/terminal.h"

namespace sotto::cli {
namespace {

/// How often to look when another process holds the connection.
constexpr std::chrono::milliseconds kPoll{100};
/// For the last message of the exchange, and for telling own devices.
constexpr DurationMs kSettle = seconds(10);

using client::VerifyError;
using Progress = v1::VerificationProgress;

/// The exchange of one command, on an own connection or through the process that holds it.
class Comparison {
 public:
  Comparison(Profile& profile, const Output& output, std::string handle)
      : profile_(profile), output_(output), handle_(std::move(handle)) {}

  CommandResult<void> connect() {
    auto connection = Connection::open(profile_, output_, {}, {});
    if (connection) {
      connection_ = *std::move(connection);
    } else if (connection.error().code != ExitCode::locked) {
      return err(connection.error());
    }
    return {};
  }
  template <typename Command>
  CommandResult<void> tell(Command&& command) {
    auto outcome = profile_.core().command(SystemClock().now(), command);
    if (!outcome) return err(failure_of(outcome.error()));
    if (connection_) connection_->runtime().perform(std::move(outcome->effects));
    if (!outcome->value) return err(failure_of(outcome->value.error()));
    return {};
  }
  /// Until the digits are there, or the run is over.
  CommandResult<Progress> await(DurationMs wait) {
    const auto decided = [this] { return stage() == Progress::COMPARE || stage() == Progress::FAILED; };
    if (!work_until(wait, decided)) {
      if (connection_ && !connection_->runtime().connected()) {
        return err(connection_->explain(end_, profile_.server_name()));
      }
      return err(Failure{ExitCode::queued,
                         "the other side has not answered yet. They compare with: sotto verify YOUR-NAME. "
                         "Then run the command again, within ten minutes"});
    }
    settle();
    return progress();
  }
  void settle() {
    if (!connection_) return;
    const auto& runtime = connection_->runtime();
    work_until(kSettle, [&] { return profile_.core().settled() || !runtime.last_failure().empty(); });
  }
  void close() {
    if (connection_) connection_->runtime().close();
  }
  CommandResult<Progress> progress() {
    const auto found =
        client::comparison(profile_.database(), *profile_.core().self(), handle_, SystemClock().now());
    if (const auto broken = profile_.database().take_failure()) return err(failure_of(*broken));
    if (!found) return err(failure_of(found.error()));
    return *found;
  }

 private:
  Progress::Stage stage() {
    const auto found = progress();
    return found ? found->stage() : Progress::FAILED;
  }
  bool work_until(DurationMs wait, const std::function<bool()>& condition) {
    if (connection_) {
      end_ = connection_->runtime().run(wait, condition);
      return end_ == client::RunEnd::condition;
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait.value);
    while (!condition()) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      std::this_thread::sleep_for(kPoll);
    }
    return true;
  }

  Profile& profile_;
  const Output& output_;
  std::string handle_;
  std::unique_ptr<Connection> connection_;
  client::RunEnd end_ = client::RunEnd::deadline;
};

std::string only_digits(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter >= '0' && letter <= '9') out += letter;
  }
  return out;
}

/// What the user, or the command line, says about the digits. Typed ones that differ are a "no".
client::Answer answer_for(const VerifyOptions& options, const Progress& progress) {
  bool same = options.yes;
  if (!options.digits.empty()) {
    same = only_digits(options.digits) == only_digits(progress.digits());
  } else if (!options.yes && !options.no) {
    same = confirm("Read the digits to each other. Does " + progress.contact() + " see the same?");
  }
  return same ? client::Answer::same : client::Answer::differs;
}

Progress with_stage(const std::string& contact, Progress::Stage stage) {
  Progress progress;
  progress.set_contact(contact);
  progress.set_stage(stage);
  return progress;
}

CommandResult<ExitCode> compare_digits(Profile& profile, const Output& output, const VerifyOptions& options,
                                       const std::string& handle) {
  Comparison comparison(profile, output, handle);
  SOTTO_CHECK_OK(comparison.connect());
  SOTTO_CHECK_OK(comparison.tell([&](client::Work& work) { return client::start_comparing(work, handle); }));
  SOTTO_TRY(auto progress, comparison.progress());
  if (progress.stage() == Progress::STARTED) output.verification(progress);
  static_cast<void>(output.flush());
  SOTTO_TRY(progress, comparison.await(seconds(options.wait_s)));
  if (progress.stage() == Progress::FAILED) return err(Failure{ExitCode::refused, progress.failure()});
  output.verification(progress);
  static_cast<void>(output.flush());
  const client::Answer answer = answer_for(options, progress);
  const auto finish = [&](client::Work& work) { return client::finish_comparing(work, handle, answer); };
  SOTTO_CHECK_OK(comparison.tell(finish));
  comparison.settle();
  comparison.close();
  if (answer == client::Answer::differs) {
    const auto why =
        options.digits.empty()
            ? std::string(
                  "the digits differ: you do not hold the same keys, or somebody interferes. "
                  "Do not trust this conversation; compare fingerprints in person")
            : std::string(
                  "these are not the digits shown here. If they were typed as read out, the keys "
                  "differ or somebody interferes: do not trust this conversation, and compare "
                  "fingerprints in person");
    return err(Failure{ExitCode::refused, why});
  }
  output.verification(with_stage(progress.contact(), Progress::VERIFIED));
  return ExitCode::ok;
}

CommandResult<ExitCode> show_code(Profile& profile, const Output& output, const std::string& handle) {
  const auto text = client::verification_qr(profile.database(), *profile.core().self(), handle);
  if (!text) return err(failure_of(text.error()));
  Progress progress = with_stage(handle, Progress::STARTED);
  progress.set_qr(*text);
  output.verification(progress);
  return ExitCode::ok;
}

/// A decision of the user, told to own devices while the server can be reached.
template <typename Command>
CommandResult<void> decide(Profile& profile, const Output& output, const std::string& handle,
                           Command&& command) {
  Comparison comparison(profile, output, handle);
  SOTTO_CHECK_OK(comparison.connect());
  SOTTO_CHECK_OK(comparison.tell(command));
  comparison.settle();
  comparison.close();
  return {};
}

}  // namespace

CommandResult<ExitCode> run_verify(const GlobalOptions& global, const VerifyOptions& options) {
  const auto normal = identity::Handle::parse(options.user);
  if (!normal) return err(failure_of(client::ComposeError::bad_handle));
  const std::string& handle = normal->text();
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  const Output output(global.json);
  if (options.qr) return show_code(*profile, output, handle);
  if (options.stop) {
    SOTTO_CHECK_OK(decide(*profile, output, handle,
                          [&](client::Work& work) { return client::stop_comparing(work, handle); }));
    return ExitCode::ok;
  }
  if (options.withdraw) {
    SOTTO_CHECK_OK(decide(*profile, output, handle,
                          [&](client::Work& work) { return client::withdraw_verification(work, handle); }));
    output.note(handle + " counts as not verified.");
    return ExitCode::ok;
  }
  if (!options.scanned.empty()) {
    SOTTO_CHECK_OK(decide(*profile, output, handle, [&](client::Work& work) {
      return client::verify_by_qr(work, handle, options.scanned);
    }));
    output.verification(with_stage(handle, Progress::VERIFIED));
    return ExitCode::ok;
  }
  return compare_digits(*profile, output, options, handle);
}

}  // namespace sotto::cli

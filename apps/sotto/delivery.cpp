#include "delivery.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <thread>

#include "client/api/contacts.h"
#include "client/api/messages.h"
#include "client/contacts/changed_key.h"
#include "client/outbox/queue.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

/// After the server has it: time for answers to what arrived meanwhile.
constexpr DurationMs kSettle = seconds(2);
/// How often to look when another process holds the connection.
constexpr std::chrono::milliseconds kPoll{50};
/// A file takes as long as it takes; who does not want to wait interrupts, and it goes on the next time.
constexpr DurationMs kPatienceWithFiles = hours(1);

/// What keeps everything, or everything to this recipient, from being sent until a person acts.
const v1::Problem* stopped(const Connection& connection) {
  for (const auto code :
       {v1::Problem::ACCOUNT_KEY_CHANGED, v1::Problem::LOG_FORKED, v1::Problem::LOG_DISPUTED,
        v1::Problem::LOG_PROOF_REFUSED, v1::Problem::LOG_STALE, v1::Problem::WITNESSES_MISSING}) {
    if (const auto* problem = connection.problem(code)) return problem;
  }
  return nullptr;
}

/// The server lets what is left wait for hours, because this account wrote to many: nothing else is under
/// way.
const v1::Problem* held_back(const Connection& connection, Profile& profile) {
  const auto* problem = connection.problem(v1::Problem::FIRST_CONTACT_LIMITED);
  return problem != nullptr && profile.core().settled() ? problem : nullptr;
}

/// One line that is written over, on a terminal only.
class ProgressLine {
 public:
  ~ProgressLine() {
    if (shown_) std::fputs("\r\033[K", stderr);
  }
  void show(const v1::Message& message) {
    std::uint64_t done = 0;
    std::uint64_t all = 0;
    for (const auto& file : message.files()) {
      done += file.transferred();
      all += file.stored_size();
    }
    if (all == 0 || ::isatty(STDERR_FILENO) == 0) return;
    const auto percent = static_cast<unsigned>(done * 100 / all);
    if (shown_ && percent == last_) return;
    last_ = percent;
    shown_ = true;
    fmt::print(stderr, "\r{} %", percent);
    std::fflush(stderr);
  }

 private:
  bool shown_ = false;
  unsigned last_ = 0;
};

/// Whose key changed gets nothing until the user decides: there is nothing to wait for.
std::optional<Failure> stopped_by_changed_key(Session& session, const std::string& user) {
  v1::ContactRequest request;
  request.set_contact(user);
  const auto contact = api::get_contact(session.api(), request);
  if (!contact || contact->changed_fingerprint().empty()) return std::nullopt;
  return Failure{ExitCode::refused,
                 std::string(contact->known_key_again() ? client::kKnownKeyAgain : client::kChangedKey)};
}

/// What is kept here, and why it waits.
Failure kept(std::string_view what, const std::optional<Failure>& hindrance) {
  if (hindrance && (hindrance->code == ExitCode::refused || hindrance->code == ExitCode::queued))
    return *hindrance;
  const std::string why = hindrance ? hindrance->message : "the server has not taken it yet";
  return {ExitCode::queued,
          fmt::format("{} is kept and will be sent with the next connection ({})", what, why)};
}

/// What became of it, when waiting is over; `hindrance`: why nothing can be sent.
CommandResult<ExitCode> report(const Output& output, const v1::Message& message, const std::string& user,
                               const std::optional<Failure>& hindrance) {
  if (message.state() == v1::Message::FAILED) {
    const bool nobody = message.failure().find("no such user") != std::string::npos;
    return err(Failure{nobody ? ExitCode::no_such_user : ExitCode::refused,
                       nobody ? "there is no user called " + user +
                                    " on this server; check the spelling. The message was not sent"
                              : "the message was not sent: " + message.failure()});
  }
  output.message(message);
  if (message.state() != v1::Message::QUEUED) return ExitCode::ok;
  return err(kept("the message", hindrance));
}

}  // namespace

std::optional<Failure> wait_until(Profile& profile, const Output& output, DurationMs wait,
                                  const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait.value);
  const auto remaining = [&deadline] {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now())
            .count();
    return DurationMs{left > 0 ? static_cast<std::uint64_t>(left) : 0};
  };
  while (remaining().value > 0) {
    auto connection = Connection::open(profile, output, {}, {});
    if (connection) {
      auto& runtime = (*connection)->runtime();
      const auto end = runtime.run(remaining(), [&] {
        return done() || stopped(**connection) != nullptr || held_back(**connection, profile) != nullptr;
      });
      const auto* problem = stopped(**connection);
      const auto* held = held_back(**connection, profile);
      if (problem != nullptr && !done()) return Failure{ExitCode::refused, problem->detail()};
      if (held != nullptr && !done()) return Failure{ExitCode::queued, held->detail()};
      if (end != client::RunEnd::condition) return (*connection)->explain(end, profile.server_name());
      runtime.run(kSettle, [&] { return profile.core().settled(); });
      runtime.close();
      return std::nullopt;
    }
    if (connection.error().code != ExitCode::locked) return connection.error();
    if (done()) return std::nullopt;
    std::this_thread::sleep_for(kPoll);
  }
  return std::nullopt;
}

std::optional<Failure> wait_until_all_sent(Profile& profile, const Output& output, DurationMs wait) {
  return wait_until(profile, output, wait, [&] { return client::unsent(profile.database()) == 0; });
}

CommandResult<ExitCode> deliver(Profile& profile, const Output& output, std::uint64_t wait_s) {
  const auto hindrance = wait_until_all_sent(profile, output, seconds(wait_s));
  if (client::unsent(profile.database()) == 0) return ExitCode::ok;
  return err(kept("it", hindrance));
}

CommandResult<ExitCode> finish_send(Session& session, const v1::Message& sent, const std::string& user,
                                    std::uint64_t wait_s) {
  const bool with_files = sent.files_size() > 0;
  const DurationMs patience = with_files ? std::max(seconds(wait_s), kPatienceWithFiles) : seconds(wait_s);
  auto hindrance = stopped_by_changed_key(session, user);
  if (!hindrance) {
    ProgressLine line;
    hindrance = wait_until(session.profile(), session.output(), patience, [&] {
      const auto message = api::own_message(session.api(), sent.message_id());
      if (!message || !*message) return true;
      line.show(**message);
      return (*message)->state() != v1::Message::QUEUED;
    });
  }
  SOTTO_TRY(const auto message, api::own_message(session.api(), sent.message_id()));
  if (!message) return ExitCode::ok;  // it disappeared as it was to
  return report(session.output(), *message, user, hindrance);
}

}  // namespace sotto::cli

#include <fmt/core.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "bytes/hex.h"
#include "client/conversations/records.h"
#include "commands.h"
#include "profile.h"

namespace sotto::cli {
namespace {

/// After the server has the message: time for answers to what arrived meanwhile.
constexpr DurationMs kSettle = seconds(2);
/// How often to look when another process holds the connection.
constexpr std::chrono::milliseconds kPoll{50};

CommandResult<std::string> read_text(const SendOptions& options) {
  if (options.file.empty()) return options.text;
  std::FILE* file = options.file == "-" ? stdin : std::fopen(options.file.c_str(), "rb");
  if (file == nullptr) return err(Failure{ExitCode::usage, "the file cannot be read: " + options.file});
  std::string text(client::kMaxText + 2, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  if (file != stdin) std::fclose(file);
  return text;
}

v1::Message load(Profile& profile, const session::MessageId& id) {
  std::int64_t row = 0;
  {
    auto rows = profile.database().query("SELECT id FROM message WHERE msg_id = ?1 AND outgoing = 1", id);
    if (rows.next()) row = rows.integer(0);
  }
  return client::message_record(profile.database(), *profile.core().self(), row).value_or(v1::Message());
}

/// What keeps everything, or everything to this recipient, from being sent until a person acts.
const v1::Problem* stopped(const Connection& connection) {
  for (const auto code :
       {v1::Problem::ACCOUNT_KEY_CHANGED, v1::Problem::LOG_FORKED, v1::Problem::LOG_DISPUTED,
        v1::Problem::LOG_PROOF_REFUSED, v1::Problem::LOG_STALE, v1::Problem::WITNESSES_MISSING}) {
    if (const auto* problem = connection.problem(code)) return problem;
  }
  return nullptr;
}

bool decided(const v1::Message& message) { return message.state() != v1::Message::QUEUED; }

/// Waits until the server has the message: on an own connection, or by watching the process that holds it.
/// Returns why there is no connection, if that is known.
std::optional<Failure> wait_until_sent(Profile& profile, const Output& output, const session::MessageId& id,
                                       DurationMs wait) {
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
      const auto end = runtime.run(
          remaining(), [&] { return decided(load(profile, id)) || stopped(**connection) != nullptr; });
      const auto* problem = stopped(**connection);
      if (problem != nullptr && !decided(load(profile, id))) {
        return Failure{ExitCode::refused, problem->detail()};
      }
      if (end != client::RunEnd::condition) return (*connection)->explain(end, profile.server_name());
      runtime.run(kSettle, [&] { return profile.core().settled(); });
      runtime.close();
      return std::nullopt;
    }
    if (connection.error().code != ExitCode::locked) return connection.error();
    if (decided(load(profile, id))) return std::nullopt;
    std::this_thread::sleep_for(kPoll);
  }
  return std::nullopt;
}

}  // namespace

CommandResult<ExitCode> run_send(const GlobalOptions& global, const SendOptions& options) {
  SOTTO_TRY(const std::string text, read_text(options));
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  auto outcome = profile->core().send_text(options.user, text, SystemClock().now());
  if (!outcome) return err(failure_of(outcome.error()));
  if (!outcome->value) return err(failure_of(outcome->value.error()));

  const Output output(global.json);
  const auto hindrance = wait_until_sent(*profile, output, *outcome->value, seconds(options.wait_s));
  const auto message = load(*profile, *outcome->value);
  if (message.state() == v1::Message::FAILED) {
    const bool nobody = message.failure().find("no such user") != std::string::npos;
    return err(Failure{nobody ? ExitCode::no_such_user : ExitCode::refused,
                       nobody ? "there is no user called " + options.user +
                                    " on this server; check the spelling. The message was not sent"
                              : "the message was not sent: " + message.failure()});
  }
  output.message(message);
  if (decided(message)) return ExitCode::ok;
  const std::string why = hindrance ? hindrance->message : "the server has not taken it yet";
  if (hindrance && hindrance->code == ExitCode::refused) return err(*hindrance);
  return err(Failure{ExitCode::queued,
                     "the message is kept and will be sent with the next connection (" + why + ")"});
}

}  // namespace sotto::cli

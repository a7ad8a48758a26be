#include "client/conversations/reading.h"
#include "client/conversations/records.h"
#include "commands.h"
#include "profile.h"

namespace sotto::cli {
namespace {

/// Messages printed in one transaction.
constexpr std::uint32_t kBatch = 100;
/// How long a new sender's name may take to be confirmed before the message is shown without it.
constexpr DurationMs kPatience = seconds(3);
constexpr DurationMs kSettle = seconds(5);

std::vector<std::pair<std::int64_t, v1::Message>> unread(Profile& profile, std::uint32_t limit,
                                                         bool patient) {
  return client::unread_messages(profile.database(), *profile.core().self(), limit, patient,
                                 SystemClock().now());
}

/// Prints what the user has not seen. A message counts as read when it has left the process.
CommandResult<void> print_unread(Profile& profile, Connection& connection, const Output& output,
                                 bool patient) {
  for (;;) {
    const auto batch = unread(profile, kBatch, patient);
    if (batch.empty()) break;
    std::vector<std::int64_t> printed;
    for (const auto& [row, message] : batch) {
      output.message(message);
      printed.push_back(row);
    }
    if (!output.flush())
      return err(Failure{ExitCode::failed, "standard output was closed; nothing is marked as read"});
    auto marked = profile.core().command(SystemClock().now(), [&](client::Work& work) {
      client::mark_read(work, printed);
      return true;
    });
    if (!marked) return err(failure_of(marked.error()));
    connection.runtime().perform(std::move(marked->effects));
  }
  if (const auto failure = profile.database().take_failure()) return err(failure_of(*failure));
  return {};
}

CommandResult<ExitCode> follow(Profile& profile, Connection& connection, const Output& output) {
  connection.stop_on_signals();
  CommandResult<void> printed;
  UnixMs first_waiting{};
  const auto end = connection.runtime().run(std::nullopt, [&] {
    printed = print_unread(profile, connection, output, true);
    const UnixMs now = SystemClock().now();
    const bool waiting = printed && !unread(profile, 1, false).empty();
    if (!waiting) {
      first_waiting = {};
    } else if (first_waiting == UnixMs{}) {
      first_waiting = now;
    } else if (elapsed(first_waiting, now) >= kPatience) {
      printed = print_unread(profile, connection, output, false);
    }
    return !printed;
  });
  if (!printed) return err(printed.error());
  connection.runtime().close();
  if (end == client::RunEnd::interrupted) return ExitCode::ok;
  return err(connection.explain(end, profile.server_name()));
}

}  // namespace

CommandResult<ExitCode> run_receive(const GlobalOptions& global, const ReceiveOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  const Output output(global.json);
  SOTTO_TRY(const auto connection, Connection::open(*profile, output));
  if (options.follow) return follow(*profile, *connection, output);

  auto& runtime = connection->runtime();
  const auto end = runtime.run(seconds(options.wait_s), [&] { return profile->core().settled(); });
  SOTTO_CHECK_OK(print_unread(*profile, *connection, output, false));
  if (end != client::RunEnd::condition) return err(connection->explain(end, profile->server_name()));
  runtime.run(kSettle, [&] { return profile->core().settled(); });
  runtime.close();
  return ExitCode::ok;
}

}  // namespace sotto::cli

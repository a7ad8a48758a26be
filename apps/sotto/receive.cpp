#include <fmt/format.h>

#include "client/attachments/records.h"
#include "client/conversations/reading.h"
#include "client/conversations/records.h"
#include "client/pictures/records.h"
#include "client/requests/standing.h"
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

/// Strangers are not shown here: their number alone, once it grew.
void tell_requests(Profile& profile, const Output& output, std::uint64_t& told) {
  const std::uint64_t waiting = client::count_requests(profile.database(), *profile.core().self());
  if (waiting > told) {
    output.note(fmt::format(
        "{} who {} not among your contacts wrote to you; nobody is told that it arrived: sotto requests",
        waiting == 1 ? "Somebody" : fmt::format("{} people", waiting), waiting == 1 ? "is" : "are"));
  }
  told = waiting;
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
  std::uint64_t told = 0;
  const auto end = connection.runtime().run(std::nullopt, [&] {
    printed = print_unread(profile, connection, output, true);
    tell_requests(profile, output, told);
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
  std::uint64_t told = 0;
  tell_requests(*profile, output, told);
  if (end != client::RunEnd::condition) return err(connection->explain(end, profile->server_name()));
  runtime.run(kSettle, [&] { return profile->core().settled(); });
  // Files that are on their way go on while there is time.
  runtime.run(seconds(options.wait_s), [&] {
    return client::moving_files(profile->database(), 1).empty() && runtime.looked() &&
           !client::next_unchecked(profile->database(), *profile->core().self(), SystemClock().now());
  });
  runtime.close();
  return ExitCode::ok;
}

}  // namespace sotto::cli

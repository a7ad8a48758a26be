#include "session.h"

#include "lookup.h"

namespace sotto::cli {
namespace {

/// For telling everybody.
constexpr DurationMs kSettle = seconds(10);

}  // namespace

CommandResult<Session> Session::open(const GlobalOptions& global) {
  SOTTO_TRY(auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  return Session(std::move(profile), Output(global.json));
}

CommandResult<void> Session::look_up_all(const std::vector<std::string>& people, std::uint64_t wait_s) {
  SOTTO_CHECK_OK(connect());
  for (const std::string& person : people) {
    if (person == profile_->core().self()->handle) continue;
    if (connection_) SOTTO_CHECK_OK(look_up(*profile_, *connection_, person, wait_s));
  }
  return {};
}

CommandResult<ExitCode> Session::finish() {
  if (connection_) connection_->runtime().close();
  if (hindrance_.empty()) return ExitCode::ok;
  return err(
      Failure{ExitCode::queued, "it is kept and will be told with the next connection (" + hindrance_ + ")"});
}

CommandResult<void> Session::connect() {
  if (connection_) return {};
  auto connection = Connection::open(*profile_, output_, {}, {});
  if (connection) {
    connection_ = *std::move(connection);
  } else if (connection.error().code != ExitCode::locked) {
    return err(connection.error());
  }
  return {};
}

CommandResult<void> Session::perform(client::Effects effects) {
  SOTTO_CHECK_OK(connect());
  if (!connection_) return {};
  auto& runtime = connection_->runtime();
  runtime.perform(std::move(effects));
  const auto end =
      runtime.run(kSettle, [&] { return profile_->core().settled() || !runtime.last_failure().empty(); });
  if (!profile_->core().settled()) hindrance_ = connection_->explain(end, profile_->server_name()).message;
  return {};
}

}  // namespace sotto::cli

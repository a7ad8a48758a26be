// What most commands need: a profile, its connection where one is wanted, and the calls of the client API
// (client/api), which are the same that the agent offers, made in this process.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client/api/client.h"
#include "client/api/wait.h"
#include "profile.h"

namespace sotto::cli {

/// Who hears of what a command does while it runs.
enum class Reach : std::uint8_t {
  nobody,  ///< what is to be told is told with the next connection
  server,  ///< by a connection of this process
  anyhow,  ///< by a connection of this process or, where another process holds it, through that one
};

/// One command's; ends with finish() or close().
class Session {
 public:
  using EventHandler = std::function<void(const v1::Event&)>;

  /// With a registered device; connected by the first thing that needs it. Errors: no_profile,
  /// wrong_passphrase. Of what connects then: locked, with Reach::server.
  static CommandResult<Session> open(const GlobalOptions& global, Reach reach = Reach::anyhow,
                                     EventHandler on_event = {});
  /// For what only reads; the profile may be one that was left, and a call that minds says so.
  static CommandResult<Session> reading(const GlobalOptions& global);
  /// With a profile that need not be anybody's, or is no more.
  static Session over(std::unique_ptr<Profile> profile, const GlobalOptions& global,
                      Reach reach = Reach::server, EventHandler on_event = {});
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  /// A command of the core that gives a Result, and what it gave once others were told, or cannot be now.
  template <typename Command>
  auto run(const Command& command)
      -> decltype(client::api::run_in(std::declval<client::api::Client&>(), command)) {
    SOTTO_CHECK_OK(connect());
    auto value = client::api::run_in(api(), command);
    if (value) settle();
    return value;
  }

  /// One call that is answered at once.
  template <typename Request, typename T>
  CommandResult<T> call(CommandResult<T> (*function)(client::api::Client&, const Request&),
                        const Request& request) {
    SOTTO_CHECK_OK(connect());
    return function(api(), request);
  }
  /// One call that is answered when something has happened, which is waited for. Errors: also unreachable.
  template <typename Request, typename T>
  CommandResult<T> call(CommandResult<client::api::Wait<T>> (*function)(client::api::Client&, const Request&),
                        const Request& request, std::uint64_t wait_s) {
    SOTTO_CHECK_OK(connect());
    listen();
    SOTTO_TRY(auto wait, function(api(), request));
    return wait_for(std::move(wait), wait_s);
  }
  template <typename T>
  CommandResult<T> wait_for(client::api::Wait<T> wait, std::uint64_t wait_s) {
    std::optional<CommandResult<T>> answer;
    const auto failure = look_until(seconds(wait_s), [&](const v1::Event* event) {
      answer = wait.look(event);
      return answer.has_value();
    });
    if (answer) return *std::move(answer);
    if (failure->code == ExitCode::unreachable && wait.late) return wait.late();
    return err(*failure);
  }
  /// Works until the condition holds, which is asked after everything that happens; nothing: it does.
  std::optional<Failure> work_until(DurationMs patience, const std::function<bool()>& condition);
  /// Until what was done is told, or cannot be now.
  void settle();
  /// Before anything needs it. Errors: locked, with Reach::server.
  CommandResult<void> connect();

  /// Ends the connection, and the command, once what was done is told. Errors: queued.
  CommandResult<ExitCode> finish();
  /// Ends them where nothing is left to be told.
  ExitCode close();

  [[nodiscard]] const Output& output() const;
  [[nodiscard]] Profile& profile();
  /// nullptr where another process holds it, or nobody was to be reached yet.
  [[nodiscard]] Connection* connection();
  [[nodiscard]] client::api::Client& api();
  /// A signal ended the last wait.
  [[nodiscard]] bool interrupted() const;

 private:
  struct State;
  using Look = std::function<bool(const v1::Event*)>;

  explicit Session(std::unique_ptr<State> state);
  /// From now on what happens is kept, until look_until() is over.
  void listen();
  std::optional<Failure> look_until(DurationMs patience, const Look& look);

  std::unique_ptr<State> state_;
};

}  // namespace sotto::cli

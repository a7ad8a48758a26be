// A profile, and its connection where no other process holds it: for commands of which others are told. Where
// one does, that one tells them.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "profile.h"

namespace sotto::cli {

class Session {
 public:
  static CommandResult<Session> open(const GlobalOptions& global);

  /// Errors: locked where somebody has to be asked about, and those of look_up.
  CommandResult<void> look_up_all(const std::vector<std::string>& people, std::uint64_t wait_s);
  template <typename Command>
  auto run(const Command& command)
      -> CommandResult<typename decltype(command(std::declval<client::Work&>()))::value_type> {
    auto outcome = profile_->core().command(SystemClock().now(), command);
    if (!outcome) return err(failure_of(outcome.error()));
    if (!outcome->value) return err(failure_of(outcome->value.error()));
    SOTTO_CHECK_OK(perform(std::move(outcome->effects)));
    return *std::move(outcome->value);
  }
  /// Ends the connection, and the command. Errors: queued.
  CommandResult<ExitCode> finish();
  [[nodiscard]] const Output& output() const { return output_; }
  [[nodiscard]] Profile& profile() { return *profile_; }

 private:
  Session(std::unique_ptr<Profile> profile, Output output) : profile_(std::move(profile)), output_(output) {}
  CommandResult<void> connect();
  CommandResult<void> perform(client::Effects effects);

  std::unique_ptr<Profile> profile_;
  Output output_;
  std::unique_ptr<Connection> connection_;
  std::string hindrance_;  ///< why not everybody was told yet
};

}  // namespace sotto::cli

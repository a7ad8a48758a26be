// Waiting until the server has what a command said: on an own connection, or by watching the process that
// holds it.
#pragma once

#include <functional>
#include <optional>

#include "profile.h"

namespace sotto::cli {

/// Returns at the deadline or when `done` is true. Returns why nothing can be sent, if that is known.
std::optional<Failure> wait_until(Profile& profile, const Output& output, DurationMs wait,
                                  const std::function<bool()>& done);

/// Whose key changed gets nothing until the user decides: there is nothing to wait for.
std::optional<Failure> stopped_by_changed_key(Profile& profile, const std::string& user);

/// The same until nothing that contacts or own devices wait for is left here.
std::optional<Failure> wait_until_all_sent(Profile& profile, const Output& output, DurationMs wait);

/// The end of a command that made the message: waits until the server has it, and prints it.
CommandResult<ExitCode> finish_send(Profile& profile, const Output& output, const session::MessageId& id,
                                    const std::string& user, std::uint64_t wait_s);

/// What became of it, when waiting is over; `hindrance`: why nothing can be sent.
CommandResult<ExitCode> report_sent(Profile& profile, const Output& output, const session::MessageId& id,
                                    const std::string& user, const std::optional<Failure>& hindrance);

}  // namespace sotto::cli

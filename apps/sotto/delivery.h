// Waiting until the server has what a command said: on an own connection, or by watching the process that
// holds it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "profile.h"

namespace sotto::cli {

class Session;

/// Returns at the deadline or when `done` is true. Returns why nothing can be sent, if that is known.
std::optional<Failure> wait_until(Profile& profile, const Output& output, DurationMs wait,
                                  const std::function<bool()>& done);

/// The same until nothing that contacts or own devices wait for is left here.
std::optional<Failure> wait_until_all_sent(Profile& profile, const Output& output, DurationMs wait);

/// Waits until everything said so far is at the server. Errors: queued, refused.
CommandResult<ExitCode> deliver(Profile& profile, const Output& output, std::uint64_t wait_s);

/// The end of a command that made a message: waits until the server has it, with progress on a terminal where
/// files go along, and prints what became of it. `user`: whom it is for, as typed. The session reaches nobody
/// by itself.
CommandResult<ExitCode> finish_send(Session& session, const v1::Message& sent, const std::string& user,
                                    std::uint64_t wait_s);

}  // namespace sotto::cli

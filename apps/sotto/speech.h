// What the commands in conversations have in common: run in the core, send, show.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "client/conversations/records.h"
#include "delivery.h"
#include "profile.h"

namespace sotto::cli {

/// Runs a command of the core that gives a Result. Errors: those of the store and of the command.
template <typename Body>
auto run_in(Profile& profile, Body&& body)
    -> CommandResult<typename std::invoke_result_t<Body, client::Work&>::value_type> {
  auto outcome = profile.core().command(SystemClock().now(), std::forward<Body>(body));
  if (!outcome) return err(failure_of(outcome.error()));
  if (!outcome->value) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(outcome->value.error())>,
                                 client::ComposeError>) {
      return err(failure_of(outcome->value.error(), profile.database()));
    } else {
      return err(failure_of(outcome->value.error()));
    }
  }
  if constexpr (std::is_void_v<typename std::invoke_result_t<Body, client::Work&>::value_type>) {
    return {};
  } else {
    return std::move(*outcome->value);
  }
}

/// Waits until everything said so far is at the server. Errors: queued, refused.
CommandResult<ExitCode> deliver(Profile& profile, const Output& output, std::uint64_t wait_s);

/// A command that says something about a message and gives its row: prints the message as it is then.
template <typename Body>
CommandResult<ExitCode> about_message(const GlobalOptions& global, std::uint64_t wait_s, Body&& body) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->self());
  SOTTO_TRY(const std::int64_t row, run_in(*profile, std::forward<Body>(body)));
  const Output output(global.json);
  auto sent = deliver(*profile, output, wait_s);
  if (const auto message = client::message_record(profile->database(), *self, row)) output.message(*message);
  return sent;
}

}  // namespace sotto::cli

// What the commands in conversations have in common: run in the core, send, show.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "client/api/messages.h"
#include "delivery.h"
#include "profile.h"
#include "session.h"

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

/// One call that says something about a message: tells it, and prints the message as it is then.
template <typename Request>
CommandResult<ExitCode> about_message(const GlobalOptions& global,
                                      CommandResult<v1::Message> (*function)(client::api::Client&,
                                                                             const Request&),
                                      const Request& request, std::uint64_t wait_s) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const v1::Message said, session.call(function, request));
  auto sent = deliver(session.profile(), session.output(), wait_s);
  v1::MessageRequest again;
  again.set_conversation(request.conversation());
  again.set_message_id(said.message_id());
  session.output().message(session.call(client::api::get_message, again).value_or(said));
  return sent;
}

}  // namespace sotto::cli

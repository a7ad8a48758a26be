// What commands about a message have in common: say it, send it, show it.
#pragma once

#include "client/api/messages.h"
#include "delivery.h"
#include "session.h"

namespace sotto::cli {

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

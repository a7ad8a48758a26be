#include "client/api/account.h"
#include "client/api/conversations.h"
#include "client/api/devices.h"
#include "client/conversations/records.h"
#include "commands.h"
#include "reading.h"
#include "session.h"

namespace sotto::cli {

namespace api = client::api;

CommandResult<ExitCode> run_conversations(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto list, session.call(api::list_conversations, v1::Nothing()));
  for (const auto& conversation : list.conversations()) session.output().conversation(conversation);
  if (list.conversations().empty()) {
    session.output().note("No conversations yet. Write to somebody: sotto send USER TEXT");
  }
  return ExitCode::ok;
}

CommandResult<ExitCode> run_history(const GlobalOptions& global, const HistoryOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->reader());
  SOTTO_TRY(const auto conversation, conversation_named(*profile, *self, options.user));
  Output output(global.json);
  output.show_ids(options.ids);
  return read_only(*profile, [&] {
    bool request = false;
    for (const auto& message :
         client::history(profile->database(), *self, conversation, options.limit, SystemClock().now())) {
      output.message(message);
      request = request || message.request();
    }
    if (request) output.note("You have not accepted them. What to look out for: sotto safety");
  });
}

CommandResult<ExitCode> run_status(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto status, session.call(api::account_status, v1::Nothing()));
  session.output().status(status);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_devices_list(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto list, session.call(api::list_devices, v1::Nothing()));
  for (const auto& device : list.devices()) session.output().device(device);
  return ExitCode::ok;
}

}  // namespace sotto::cli

#include <algorithm>

#include "client/api/account.h"
#include "client/api/conversations.h"
#include "client/api/devices.h"
#include "client/conversations/records.h"
#include "commands.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

/// As many as were asked for, in one consistent view: pages of the API are shorter.
CommandResult<std::vector<v1::Message>> newest(client::store::Database& database, const client::Self& self,
                                               const HistoryOptions& options) {
  SOTTO_TRY(const auto conversation, api::conversation_named(database, self, options.user));
  return client::history(database, self, conversation.id, options.limit, SystemClock().now());
}

}  // namespace

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
  SOTTO_TRY(Session session, Session::reading(global));
  auto& database = session.profile().database();
  SOTTO_TRY(const auto messages, api::flatten(api::read_in(session.api(), [&](const client::Self& self) {
              return newest(database, self, options);
            })));
  Output output(global.json);
  output.show_ids(options.ids);
  for (const auto& message : messages) output.message(message);
  if (std::ranges::any_of(messages, [](const auto& message) { return message.request(); })) {
    output.note("You have not accepted them. What to look out for: sotto safety");
  }
  return ExitCode::ok;
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

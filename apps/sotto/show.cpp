#include "client/conversations/records.h"
#include "commands.h"
#include "profile.h"
#include "reading.h"

namespace sotto::cli {

CommandResult<ExitCode> run_conversations(const GlobalOptions& global) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->reader());
  const Output output(global.json);
  return read_only(*profile, [&] {
    const auto all = client::conversation_records(profile->database(), *self, SystemClock().now());
    for (const auto& conversation : all) output.conversation(conversation);
    if (all.empty()) output.note("No conversations yet. Write to somebody: sotto send USER TEXT");
  });
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
  SOTTO_TRY(const auto profile, Profile::open(global));
  const client::Self* self = profile->core().self();
  if (self == nullptr) SOTTO_CHECK_OK(profile->self());
  return read_only(*profile, [&] {
    auto status = client::status_record(profile->database(), *self);
    client::add_sent_lately(profile->database(), SystemClock().now(), status);
    Output(global.json).status(status);
  });
}

CommandResult<ExitCode> run_devices_list(const GlobalOptions& global) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->reader());
  const Output output(global.json);
  return read_only(*profile, [&] {
    for (const auto& device : client::device_records(profile->database(), *self)) output.device(device);
  });
}

}  // namespace sotto::cli

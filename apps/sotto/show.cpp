#include "client/conversations/records.h"
#include "commands.h"
#include "identity/handle.h"
#include "profile.h"

namespace sotto::cli {
namespace {

/// Reads are one consistent view, whatever other processes write meanwhile.
template <typename Show>
CommandResult<ExitCode> show(Profile& profile, Show&& body) {
  auto transaction = client::store::Transaction::begin_reading(profile.database());
  if (!transaction) return err(failure_of(transaction.error()));
  body();
  const auto committed = transaction->commit();
  if (!committed) return err(failure_of(committed.error()));
  return ExitCode::ok;
}

}  // namespace

CommandResult<ExitCode> run_conversations(const GlobalOptions& global) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->reader());
  const Output output(global.json);
  return show(*profile, [&] {
    const auto all = client::conversation_records(profile->database(), *self, SystemClock().now());
    for (const auto& conversation : all) output.conversation(conversation);
    if (all.empty()) output.note("No conversations yet. Write to somebody: sotto send USER TEXT");
  });
}

CommandResult<ExitCode> run_history(const GlobalOptions& global, const HistoryOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->reader());
  const auto conversation = client::find_conversation(profile->database(), *self, options.user);
  if (const auto failure = profile->database().take_failure()) return err(failure_of(*failure));
  if (!conversation) {
    if (!identity::Handle::parse(options.user)) return err(failure_of(client::ComposeError::bad_handle));
    return err(Failure{ExitCode::no_such_user,
                       "there is no conversation with " + options.user + "; see `sotto conversations`"});
  }
  Output output(global.json);
  output.show_ids(options.ids);
  return show(*profile, [&] {
    for (const auto& message :
         client::history(profile->database(), *self, conversation->id, options.limit, SystemClock().now())) {
      output.message(message);
    }
  });
}

CommandResult<ExitCode> run_status(const GlobalOptions& global) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  const client::Self* self = profile->core().self();
  if (self == nullptr) SOTTO_CHECK_OK(profile->self());
  return show(*profile, [&] {
    auto status = client::status_record(profile->database(), *self);
    client::add_sent_lately(profile->database(), SystemClock().now(), status);
    Output(global.json).status(status);
  });
}

CommandResult<ExitCode> run_devices_list(const GlobalOptions& global) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->reader());
  const Output output(global.json);
  return show(*profile, [&] {
    for (const auto& device : client::device_records(profile->database(), *self)) output.device(device);
  });
}

}  // namespace sotto::cli

#include "commands.h"
#include "identity/handle.h"
#include "profile.h"

namespace sotto::cli {
namespace {

using Ask = std::function<client::StoreResult<client::Outcome<bool>>(client::Core&)>;

/// Connects, asks, and prints what the server says about this account's handles.
CommandResult<ExitCode> ask_server(const GlobalOptions& global, const HandleOptions& options,
                                   const Ask& ask) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  const Output output(global.json);
  std::optional<v1::OwnHandles> answer;
  SOTTO_TRY(const auto connection, Connection::open(*profile, output, [&](const v1::Event& event) {
              if (event.has_own_handles()) answer = event.own_handles();
            }));
  auto& runtime = connection->runtime();
  bool asked = false;
  std::optional<client::store::StoreError> broken;
  const auto end = runtime.run(seconds(options.wait_s), [&] {
    if (!asked && profile->core().signed_in()) {
      auto outcome = ask(profile->core());
      if (!outcome) {
        broken = outcome.error();
        return true;
      }
      asked = outcome->value;
      runtime.perform(std::move(outcome->effects));
    }
    return answer.has_value() || connection->problem(v1::Problem::HANDLE_REFUSED) != nullptr;
  });
  if (broken) return err(failure_of(*broken));
  if (const auto* refusal = connection->problem(v1::Problem::HANDLE_REFUSED)) {
    return err(Failure{ExitCode::refused, refusal->subject() + ": " + refusal->detail()});
  }
  if (!answer) return err(connection->explain(end, profile->server_name()));
  runtime.close();
  output.own_handles(*answer);
  return ExitCode::ok;
}

CommandResult<ExitCode> change(const GlobalOptions& global, const HandleOptions& options,
                               const v1::ManageHandle& wish) {
  if (!identity::Handle::parse(options.handle)) {
    return err(Failure{
        ExitCode::usage,
        "this is no handle: a user name of 2 to 32 letters, digits, dots, - and _, an e-mail address, "
        "or a telephone number that starts with + and the country"});
  }
  return ask_server(global, options,
                    [&](client::Core& core) { return core.change_handle(wish, SystemClock().now()); });
}

}  // namespace

CommandResult<ExitCode> run_handles_list(const GlobalOptions& global, const HandleOptions& options) {
  return ask_server(global, options,
                    [](client::Core& core) { return core.own_handles(SystemClock().now()); });
}

CommandResult<ExitCode> run_handles_add(const GlobalOptions& global, const HandleOptions& options) {
  v1::ManageHandle wish;
  wish.set_add(options.handle);
  return change(global, options, wish);
}

CommandResult<ExitCode> run_handles_prove(const GlobalOptions& global, const HandleOptions& options) {
  v1::ManageHandle wish;
  wish.mutable_prove()->set_handle(options.handle);
  wish.mutable_prove()->set_code(options.code);
  return change(global, options, wish);
}

CommandResult<ExitCode> run_handles_remove(const GlobalOptions& global, const HandleOptions& options) {
  v1::ManageHandle wish;
  wish.set_remove(options.handle);
  return change(global, options, wish);
}

}  // namespace sotto::cli

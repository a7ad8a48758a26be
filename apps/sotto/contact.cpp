#include "client/conversations/records.h"
#include "client/transparency/log_records.h"
#include "commands.h"
#include "identity/handle.h"
#include "profile.h"

namespace sotto::cli {
namespace {

constexpr DurationMs kLookupTime = seconds(10);

bool known(Profile& profile, const std::string& handle) {
  const auto contact = client::find_named(profile.database(), handle);
  return contact && contact->pinned.has_value();
}

/// And the log shows its devices.
bool proven(Profile& profile, const std::string& handle) {
  const auto contact = client::find_named(profile.database(), handle);
  return contact && contact->pinned.has_value() && contact->account &&
         client::proven_size(profile.database(), *contact->account) > 0;
}

/// Why the log does not lead to anybody.
const v1::Problem* unproven(const Connection& connection) {
  for (const auto code : {v1::Problem::HANDLE_GIVEN_UP, v1::Problem::LOG_PROOF_REFUSED,
                          v1::Problem::LOG_STALE, v1::Problem::LOG_FORKED}) {
    if (const auto* problem = connection.problem(code)) return problem;
  }
  return nullptr;
}

/// Asks the server about a contact that is not known here yet.
CommandResult<void> look_up(Profile& profile, const Output& output, const std::string& handle) {
  auto outcome = profile.core().look_up(handle, SystemClock().now());
  if (!outcome) return err(failure_of(outcome.error()));
  SOTTO_TRY(const auto connection, Connection::open(profile, output));
  const auto end = connection->runtime().run(kLookupTime, [&] {
    return proven(profile, handle) || connection->problem(v1::Problem::NO_SUCH_USER) != nullptr ||
           unproven(*connection) != nullptr;
  });
  if (const auto* problem = unproven(*connection)) return err(Failure{ExitCode::refused, problem->detail()});
  if (connection->problem(v1::Problem::NO_SUCH_USER) != nullptr) {
    return err(Failure{ExitCode::no_such_user,
                       "there is no user called " + handle + " on this server; check the spelling"});
  }
  if (end != client::RunEnd::condition) return err(connection->explain(end, profile.server_name()));
  connection->runtime().close();
  return {};
}

}  // namespace

CommandResult<ExitCode> run_contact_show(const GlobalOptions& global, const std::string& user) {
  const auto handle = identity::Handle::parse(user);
  if (!handle) return err(failure_of(client::ComposeError::bad_handle));
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  const Output output(global.json);
  if (!known(*profile, handle->text())) SOTTO_CHECK_OK(look_up(*profile, output, handle->text()));
  const auto contact = client::find_named(profile->database(), handle->text());
  if (const auto failure = profile->database().take_failure()) return err(failure_of(*failure));
  if (!contact) return err(Failure{ExitCode::no_such_user, "there is no contact called " + handle->text()});
  output.contact(client::contact_record(profile->database(), *contact));
  return ExitCode::ok;
}

CommandResult<ExitCode> run_contact_accept(const GlobalOptions& global, const std::string& user) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  const auto outcome = profile->core().accept_changed_contact(user, SystemClock().now());
  if (!outcome) return err(failure_of(outcome.error()));
  if (!outcome->value) {
    return err(
        Failure{ExitCode::usage, "the key of " + user + " has not changed; there is nothing to accept"});
  }
  Output(global.json).note("The new key of " + user + " is accepted; it is pinned with the next connection.");
  return ExitCode::ok;
}

}  // namespace sotto::cli

#include "lookup.h"

#include "client/contacts/contact_records.h"
#include "identity/handle.h"

namespace sotto::cli {

CommandResult<std::string> called(const std::string& user) {
  const auto handle = identity::Handle::parse(user);
  if (handle) return handle->text();
  if (handle.error() == identity::HandleError::reads_as_account) return user;
  return err(failure_of(client::ComposeError::bad_handle));
}

CommandResult<void> look_up(Profile& profile, Connection& connection, const std::string& handle,
                            std::uint64_t wait_s) {
  const auto normal = identity::Handle::parse(handle);
  if (!normal) return {};
  const auto known = [&] {
    const auto contact = client::find_contact(profile.database(), normal->text());
    return contact && contact->pinned.has_value();
  };
  if (known()) return {};
  auto outcome = profile.core().look_up(handle, SystemClock().now());
  if (!outcome) return err(failure_of(outcome.error()));
  connection.runtime().perform(std::move(outcome->effects));
  const auto end = connection.runtime().run(
      seconds(wait_s), [&] { return known() || connection.problem(v1::Problem::NO_SUCH_USER) != nullptr; });
  if (connection.problem(v1::Problem::NO_SUCH_USER) != nullptr) {
    return err(Failure{ExitCode::no_such_user,
                       "there is no user called " + normal->text() + " on this server; check the spelling"});
  }
  if (end != client::RunEnd::condition) return err(connection.explain(end, profile.server_name()));
  return {};
}

}  // namespace sotto::cli

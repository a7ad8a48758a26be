#include "called.h"

#include "identity/handle.h"

namespace sotto::cli {

CommandResult<std::string> called(const std::string& user) {
  const auto handle = identity::Handle::parse(user);
  if (handle) return handle->text();
  if (handle.error() == identity::HandleError::reads_as_account) return user;
  return err(failure_of(client::ComposeError::bad_handle));
}

}  // namespace sotto::cli

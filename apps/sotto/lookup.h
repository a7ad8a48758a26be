// Asking the directory about somebody before a command that needs to know them.
#pragma once

#include <cstdint>
#include <string>

#include "profile.h"

namespace sotto::cli {

/// How somebody is named: by a handle, which is brought to its normal form, or by an account. Errors: usage.
CommandResult<std::string> called(const std::string& user);

/// Nothing to do for a contact whose key is pinned. What is no handle is for the command to refuse. Errors:
/// no_such_user, unreachable, failed.
CommandResult<void> look_up(Profile& profile, Connection& connection, const std::string& handle,
                            std::uint64_t wait_s);

}  // namespace sotto::cli

// How people name somebody.
#pragma once

#include <string>

#include "exit_code.h"

namespace sotto::cli {

/// By a handle, which is brought to its normal form, or by an account. Errors: usage.
CommandResult<std::string> called(const std::string& user);

}  // namespace sotto::cli

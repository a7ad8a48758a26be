// Text files that people carry between devices.
#pragma once

#include <string>

#include "exit_code.h"

namespace sotto::cli {

/// At most what an armoured block may have. Errors: usage.
CommandResult<std::string> read_file(const std::string& name);

/// To a file that only the owner may read; an empty name is standard output. Errors: failed.
CommandResult<void> write_file(const std::string& name, const std::string& text);

}  // namespace sotto::cli

// Small files of people: link requests, keys, evidence.
#pragma once

#include <string>
#include <string_view>

#include "exit_code.h"

namespace sotto::cli {

/// Up to one octet more than `max`, so that the caller's parser refuses what is too long. Errors: usage
/// (cannot be read, or empty).
CommandResult<std::string> read_file(const std::string& name, std::size_t max);
/// To a file that only the owner may read, or to standard output if there is no name. Errors: failed.
CommandResult<void> write_file(const std::string& name, std::string_view text);

}  // namespace sotto::cli

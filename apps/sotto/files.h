// Small files of people: link requests, keys, evidence.
#pragma once

#include <string>
#include <string_view>

#include "exit_code.h"

namespace sotto::cli {

/// Up to one octet more than `max`, so that the caller's parser refuses what is too long. Errors: usage
/// (cannot be read, or empty).
CommandResult<std::string> read_file(const std::string& name, std::size_t max);
/// The text of a message: as given, or from a file, - for standard input; one octet more than fits at most.
/// Errors: usage.
CommandResult<std::string> read_text(const std::string& text, const std::string& file);
/// To a file that only the owner may read, or to standard output if there is no name. Errors: failed.
CommandResult<void> write_file(const std::string& name, std::string_view text);

}  // namespace sotto::cli

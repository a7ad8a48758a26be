// Asking a person before something that cannot be taken back.
#pragma once

#include <string>

namespace sotto::cli {

/// Prints the question on standard error and reads a line from standard input. Only "y" and "yes", in any
/// case, are a yes.
bool confirm(const std::string& question);
/// Somebody sits at a terminal, sees a question and can answer.
bool is_at_terminal();

}  // namespace sotto::cli

// Where the confined decoder is.
#pragma once

#include <string>

namespace sotto::cli {

/// sotto-media lies beside the program that is running.
std::string media_program();

}  // namespace sotto::cli

#include "paths/paths.h"

namespace sotto::testing {

std::string source_dir() { return SOTTO_SOURCE_DIR; }

}  // namespace sotto::testing

#include "paths/paths.h"

namespace sotto::paths {

std::string source_dir() { return SOTTO_SOURCE_DIR; }

}  // namespace sotto::paths

// Where tests find files of the source tree. In a library of its own, so that only one object file depends on
// the folder the tree lies in and a compiler cache serves the others in every checkout.
#pragma once

#include <string>

namespace sotto::paths {

/// The root of the source tree, absolute, without a slash at the end.
std::string source_dir();

}  // namespace sotto::paths

// What tests of the store need of paths/test_folder.h, under the names of this namespace.
#pragma once

#include "paths/test_folder.h"

namespace sotto::client::store {

using paths::read_all;
using paths::TestFolder;

}  // namespace sotto::client::store

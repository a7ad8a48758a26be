// Things that wait for each other.
#pragma once

#include <functional>
#include <vector>

#include "groups/cut.h"

namespace sotto::groups {

/// Some that wait for each other, directly or through others, and for nothing else, reached from `start`: a
/// strongly connected component without a way out (R. Tarjan, 1972). One that waits for nothing is such a
/// circle alone. `size`: all numbers are below; `waits_for` may be asked once for each.
std::vector<Index> find_circle(Index start, std::size_t size,
                               const std::function<std::vector<Index>(Index)>& waits_for);

}  // namespace sotto::groups

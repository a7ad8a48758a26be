// Which operations of a history stand, where some were made without knowing of others (docs/specs/groups.md
// 5). The answer depends on the set of operations alone, never on the order in which they came.
#pragma once

#include "groups/graph.h"

namespace sotto::groups {

/// `cut`: a set that contains what its operations build on.
Cut standing_of(const Graph& graph, const Cut& cut);

}  // namespace sotto::groups

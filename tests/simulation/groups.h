// Groups in a world: begun, changed and spoken in by whoever is there, beside each other and with all faults.
#pragma once

#include <string>

namespace sotto::simulation {

class World;

/// Begins a group, lets somebody in or out of one, leaves it, or says something there. Not in every world:
/// who was out for a while misses what was said, and is told so.
void do_in_a_group(World& world);

/// A group that does not look the same to two who are in it; empty: all do.
std::string group_disagreement(World& world);

/// Texts of do_in_a_group() begin like this.
inline constexpr const char* kInGroup = "group ";

}  // namespace sotto::simulation

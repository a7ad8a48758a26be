// Programs of others in a world: connected, spoken to, answering, disconnected.
#pragma once

namespace sotto::simulation {

class World;

/// Several things that have to do with apps of some devices. In every fourth world, and in half of those with
/// groups.
void do_with_apps(World& world);

}  // namespace sotto::simulation

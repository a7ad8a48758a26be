// Removing devices in a world, and who may see what after that.
#pragma once

#include "oracle.h"

namespace sotto::simulation {

class World;
struct User;
struct RemovedDevice;

/// As it is listed now. Precondition: ready, and its own list has it.
RemovedDevice as_removed(DeviceMachine& device);

/// `by` removes `leaving`, which may be itself, and asks again until some list does not show it any more.
void remove(World& world, User& user, DeviceMachine& by, DeviceMachine& leaving);

/// Completes a route with the devices that may never show the message, as of now.
void note_removals(Route& route, const User& from, const User& to);

}  // namespace sotto::simulation

// Recovery keys in a world: making one, and coming back with it on a new device.
#pragma once

#include "device_machine.h"

namespace sotto::simulation {

class World;
struct User;

/// `device` makes the key of its account, which has none yet: an account gets one in a world.
void set_up_recovery(World& world, User& user, DeviceMachine& device);

/// If the server keeps what the key opens: a new device comes back with the key, and goes on until it is in
/// the account. Unless the former devices stay they are lost from this moment on, and others have them.
void recover(World& world, User& user, bool keep_devices);

}  // namespace sotto::simulation

// Files in a world: sent beside messages, fetched, and interrupted on their way.
#pragma once

namespace sotto::simulation {

class World;

/// One or two files beside a message of some device to another user.
void send_files(World& world);
/// Some device fetches what did not come by itself.
void fetch_files(World& world);
/// The next few requests of some device for octets are lost, or their answers are.
void lose_requests(World& world);

/// Every device fetches what it does not have.
void fetch_everything(World& world);

}  // namespace sotto::simulation

// What people say about messages, and set for themselves; and that their devices agree on it in the end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "device_machine.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::simulation {

class World;

/// A reaction, a pin, an edit of an own text, or reading: about some message of some device.
void say_about_something(World& world);
/// A draft, a name, a mute: of some conversation of some device.
void set_something(World& world);
/// A message that disappears within the hour. Not in every world: one that disappears on its way is missing.
void say_briefly(World& world);

/// What people said in all conversations of the device, of each the newest `limit`.
std::vector<v1::Message> all_messages(DeviceMachine& device, std::uint32_t limit);

/// Texts of say_briefly() begin like this.
inline constexpr const char* kBrief = "brief ";
/// What an edit makes of a text begins, behind the text, like this.
inline constexpr const char* kEdited = " (edited ";

/// What does not look the same on two devices of one account, or is there though its time is over; empty:
/// nothing.
std::string disagreement(World& world);

}  // namespace sotto::simulation

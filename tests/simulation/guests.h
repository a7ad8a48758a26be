// Guests of groups in a world: brought in, written to, withheld from, answering, sent away.
#pragma once

#include "sotto/v1/client_api.pb.h"

namespace sotto::simulation {

class World;

/// Something that has to do with a guest of some group. In half of the worlds that have groups.
void do_with_guests(World& world);

/// It came from a telephone or went to one alone.
bool is_text_message(const v1::Message& message);

}  // namespace sotto::simulation

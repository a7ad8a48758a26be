// What happens in a world by chance: one table.
#pragma once

#include <cstdint>

#include "dice.h"

namespace sotto::simulation {

class World;

struct Action {
  const char* name;
  std::uint32_t weight;
  void (*run)(World&);
};

/// One of the table, as likely as its weight.
const Action& any_action(Dice& dice);

}  // namespace sotto::simulation

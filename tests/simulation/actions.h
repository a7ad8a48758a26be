// What happens in a world by chance: one table.
#pragma once

#include <cstdint>
#include <optional>

#include "dice.h"
#include "options.h"

namespace sotto::simulation {

class World;

struct Action {
  const char* name;
  std::uint32_t weight;
  void (*run)(World&);
  std::optional<Fault> fault = std::nullopt;  ///< happens only in worlds that have it
};

/// One of the table that may happen, as likely as its weight.
const Action& any_action(Dice& dice, const Faults& faults);

}  // namespace sotto::simulation

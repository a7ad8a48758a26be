// Delta debugging: which few of many things still make something fail (Zeller and Hildebrandt, "Simplifying
// and isolating failure-inducing input", 2002).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>

namespace sotto::simulation {

using Steps = std::set<std::uint64_t>;

struct Shrunk {
  Steps steps;
  std::size_t trials = 0;
};

/// A subset of `all` that fails and of which, if `most_trials` sufficed, no one and no two elements can be
/// left out. Precondition: fails(all).
Shrunk shrink(const Steps& all, const std::function<bool(const Steps&)>& fails, std::size_t most_trials);

}  // namespace sotto::simulation

// Worlds in processes of their own, so that an abort or an endless loop is a failure like any other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "options.h"

namespace sotto::simulation {

struct Outcome {
  std::size_t written = 0;
  std::size_t shown = 0;
  std::size_t envelopes = 0;
  bool failed = false;
  std::string kind;  ///< of the first violation, without numbers; "aborted" when the process did not finish
};

/// `transcript`: written there when the path is not empty.
Outcome run_trial(Options options, const std::filesystem::path& transcript = {});

/// All seeds from options.seed to `last`, several worlds in a process one after the other: a new process has
/// to fill its caches first. `tell` gets each outcome, in order, until it gives false.
void run_trials(Options options, std::uint64_t last,
                const std::function<bool(std::uint64_t seed, const Outcome& outcome)>& tell);

}  // namespace sotto::simulation

// One world in a process of its own, so that an abort or an endless loop is a failure like any other.
#pragma once

#include <cstddef>
#include <filesystem>
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

}  // namespace sotto::simulation

// `sottod run`: everything wired together, until a signal.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "config.h"
#include "data_directory.h"
#include "failure.h"

namespace sotto::sottod {

/// What the command line says; it goes before the configuration file.
struct Overrides {
  std::optional<std::string> listen;
};

/// The configuration of a data directory, which is made if it is new. Certificate and keys of witnesses are
/// checked too.
Outcome<Config> read_configuration(const DataDirectory& data, const std::filesystem::path& file,
                                   const Overrides& overrides);

/// Serves until SIGTERM or SIGINT, then drains. A second signal ends it at once.
Outcome<void> run(const DataDirectory& data, const Config& config);

}  // namespace sotto::sottod

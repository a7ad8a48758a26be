// How a command of sotto-audit ends, for scripts and supervisors. docs/audit.md holds the same table.
#pragma once

#include <cstdint>
#include <string>

#include "result/result.h"

namespace sotto::audit_cli {

enum class ExitCode : std::uint8_t {
  ok = 0,
  failed = 1,  ///< a file, an address or something unforeseen
  usage = 2,
  alarm = 3,        ///< the log broke its rules: see ALARM in the data folder, or what was printed
  unreachable = 4,  ///< no answer in time
  other_log = 5,    ///< the server's keys are not those of the log that was followed so far
  unproven = 6,     ///< compared heads of which the server did not show that they belong together
};

/// Why a command failed, for a person: cause and next step.
struct Failure {
  ExitCode code = ExitCode::failed;
  std::string message;
};

template <typename T>
using Outcome = Result<T, Failure>;

}  // namespace sotto::audit_cli

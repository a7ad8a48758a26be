// `sotto-audit follow`: follows a server's log for as long as it runs, or until it has caught up.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "outcome.h"
#include "report.h"
#include "server_line.h"

namespace sotto::audit_cli {

struct FollowOptions {
  std::string server;
  std::string pin;
  std::filesystem::path data_dir;
  std::string serve;     ///< empty: nothing is served
  std::string on_alarm;  ///< a program; empty: none
  bool cosign = true;
  bool once = false;
  std::uint64_t poll_s = 5;
  std::uint64_t wait_s = 300;  ///< with `once`: how long catching up may take
};

Outcome<ExitCode> follow(const FollowOptions& options, const Report& report);

}  // namespace sotto::audit_cli

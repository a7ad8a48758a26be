// `sotto-audit verify` and `sotto-audit compare`: what files and other auditors' heads prove.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "outcome.h"
#include "report.h"

namespace sotto::audit_cli {

struct VerifyOptions {
  std::filesystem::path file;
  std::string log;  ///< 64 hexadecimal digits; empty: any
};
/// Exit code `alarm`: the file proves, or reports, that the log broke its rules.
Outcome<ExitCode> verify(const VerifyOptions& options, const Report& report);

struct CompareOptions {
  std::vector<std::string> heads;  ///< files, or http:// addresses
  std::string server;
  std::string pin;
  std::filesystem::path data_dir;  ///< of an auditor that pinned the log; empty: the server's keys are taken
  std::filesystem::path evidence;  ///< where to write evidence; empty: nowhere
  std::uint64_t wait_s = 30;
};
Outcome<ExitCode> compare(const CompareOptions& options, const Report& report);

}  // namespace sotto::audit_cli

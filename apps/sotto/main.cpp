// `sotto`: the command line client. Reads the command line and hands over to the commands.
#include <csignal>
#include <system_error>

#include "command_line.h"
#include "crypto/process_memory.h"
#include "output.h"

namespace sotto::cli {
namespace {

CommandResult<ExitCode> choose(const CommandLine& line) {
  try {
    return line.chosen();
  } catch (const std::system_error& error) {  // from fmt::print
    return err(Failure{ExitCode::failed, std::string("standard output cannot be written: ") + error.what()});
  }
}

int run(int argc, char** argv) {
  static_cast<void>(crypto::keep_memory_private());  // where a system refuses, working is better than not
  Output::use_wiped_buffer();
  // A reader that went away is an error of the write that meets it, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  CommandLine line;
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return line.app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  const Output output(line.global.json);
  const auto end = choose(line);
  static_cast<void>(output.flush());
  if (end) return static_cast<int>(*end);
  output.failure(end.error());
  return static_cast<int>(end.error().code);
}

}  // namespace
}  // namespace sotto::cli

int main(int argc, char** argv) { return sotto::cli::run(argc, argv); }

#include "trial.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "world.h"

namespace sotto::simulation {
namespace {

/// A world that runs longer has lost its way.
constexpr unsigned kSecondsPerWorld = 300;
constexpr std::size_t kLongestKind = 120;

/// What a world's process tells the one that started it.
struct Told {
  std::size_t written = 0;
  std::size_t shown = 0;
  std::size_t envelopes = 0;
  bool failed = false;
  std::array<char, kLongestKind + 1> kind{};
};

/// "alice/1: m5 is shown twice" -> "m is shown twice": what stays the same when other things happen around
/// it.
void write_kind(const std::string& violation, Told& told) {
  const std::size_t colon = violation.find(": ");
  std::string kind = violation.substr(colon == std::string::npos ? 0 : colon + 2);
  std::erase_if(kind, [](unsigned char character) { return std::isdigit(character) != 0; });
  kind.resize(std::min({kind.size(), kind.find(" ("), kind.find('/'), kLongestKind}));
  std::ranges::copy(kind, told.kind.begin());
}

[[noreturn]] void run_in_child(Options options, const std::filesystem::path& transcript, int result) {
  alarm(kSecondsPerWorld);
  options.copy = transcript.empty() ? nullptr : std::fopen(transcript.c_str(), "w");
  const Report report = World(options).run();
  if (options.copy != nullptr) std::fclose(options.copy);
  Told told{report.written, report.shown, report.envelopes, !report.violations.empty(), {}};
  if (told.failed) write_kind(report.violations.front(), told);
  _exit(write(result, &told, sizeof told) == static_cast<ssize_t>(sizeof told) ? 0 : 1);
}

}  // namespace

Outcome run_trial(Options options, const std::filesystem::path& transcript) {
  const Outcome aborted{.failed = true, .kind = "aborted"};
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return aborted;
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) return aborted;
  if (child == 0) run_in_child(options, transcript, ends[1]);
  close(ends[1]);
  Told told;
  const bool complete = read(ends[0], &told, sizeof told) == static_cast<ssize_t>(sizeof told);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!complete || !WIFEXITED(status)) return aborted;
  return {told.written, told.shown, told.envelopes, told.failed, std::string(told.kind.data())};
}

}  // namespace sotto::simulation

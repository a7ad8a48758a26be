#include "trial.h"

#include <signal.h>
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
constexpr std::uint64_t kWorldsPerProcess = 20;
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

Told run_world(Options options, const std::filesystem::path& transcript) {
  options.copy = transcript.empty() ? nullptr : std::fopen(transcript.c_str(), "w");
  const Report report = World(options).run();
  if (options.copy != nullptr) std::fclose(options.copy);
  Told told{report.written, report.shown, report.envelopes, !report.violations.empty(), {}};
  if (told.failed) write_kind(report.violations.front(), told);
  return told;
}

[[noreturn]] void run_in_child(Options options, std::uint64_t last, const std::filesystem::path& transcript,
                               int result) {
  for (; options.seed <= last; ++options.seed) {
    alarm(kSecondsPerWorld);
    const Told told = run_world(options, transcript);
    if (write(result, &told, sizeof told) != static_cast<ssize_t>(sizeof told)) _exit(1);
  }
  _exit(0);
}

/// The worlds of one process, as long as it lives and `tell` wants them. How many were told.
std::uint64_t run_process(const Options& options, std::uint64_t last, const std::filesystem::path& transcript,
                          const std::function<bool(const Outcome&)>& tell) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return 0;
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) run_in_child(options, last, transcript, ends[1]);
  close(ends[1]);
  std::uint64_t count = 0;
  Told told;
  bool wanted = child > 0;
  while (wanted && read(ends[0], &told, sizeof told) == static_cast<ssize_t>(sizeof told)) {
    ++count;
    wanted = tell({told.written, told.shown, told.envelopes, told.failed, std::string(told.kind.data())});
  }
  close(ends[0]);
  if (child < 0) return 0;
  if (!wanted) kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return count;
}

const Outcome kAborted{.failed = true, .kind = "aborted"};

}  // namespace

Outcome run_trial(Options options, const std::filesystem::path& transcript) {
  Outcome outcome = kAborted;
  run_process(options, options.seed, transcript, [&outcome](const Outcome& told) {
    outcome = told;
    return true;
  });
  return outcome;
}

void run_trials(Options options, std::uint64_t last,
                const std::function<bool(std::uint64_t, const Outcome&)>& tell) {
  bool wanted = true;
  while (wanted && options.seed <= last) {
    const std::uint64_t end = std::min(last, options.seed + kWorldsPerProcess - 1);
    std::uint64_t next = options.seed;
    run_process(options, end, {}, [&](const Outcome& outcome) { return wanted = tell(next++, outcome); });
    if (wanted && next <= end) wanted = tell(next++, kAborted);
    options.seed = next;
  }
}

}  // namespace sotto::simulation

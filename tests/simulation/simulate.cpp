// Runs simulated worlds: `simulate --seed N` shows one, `simulate --seeds A..B` tries many and keeps those
// that failed. Exit status 1 on any violation, 2 on a wrong command line. docs/specs/simulation.md.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "world.h"

namespace sotto::simulation {
namespace {

/// A world that runs longer has lost its way.
constexpr unsigned kSecondsPerWorld = 300;
constexpr std::uint64_t kProgressEvery = 25;

struct SeedRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

/// What a world's process tells the one that started it.
struct Result {
  std::size_t written = 0;
  std::size_t shown = 0;
  std::size_t violations = 0;
};

struct Totals {
  std::size_t worlds = 0;
  std::size_t written = 0;
  std::size_t shown = 0;
  std::vector<std::uint64_t> failed;
  bool violated = false;  ///< some seed failed by a violation, not by an abort
};

double cpu_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

void print_speed(std::size_t written, std::size_t shown, double seconds) {
  fmt::print(
      "{} messages written, {} deliveries in {:.1f} s of CPU: {:.0f} messages/s, {:.0f} deliveries/s\n",
      written, shown, seconds, static_cast<double>(written) / seconds, static_cast<double>(shown) / seconds);
}

int show_one(Options options) {
  options.copy = stdout;
  const Report report = World(options).run();
  fmt::print("sha256 {}\n", report.digest);
  for (const auto& violation : report.violations) fmt::print("violation: {}\n", violation);
  fmt::print("{} days of simulated time\n", report.simulated.value / days(1).value);
  print_speed(report.written, report.shown, cpu_seconds(RUSAGE_SELF));
  return report.violations.empty() ? 0 : 1;
}

int compare(const Options& options) {
  const std::string first = World(options).run().digest;
  const std::string second = World(options).run().digest;
  fmt::print("{}\n{}\n", first, second);
  return first == second ? 0 : 1;
}

std::filesystem::path transcript_path(const std::filesystem::path& folder, std::uint64_t seed) {
  return folder / fmt::format("seed-{}.txt", seed);
}

/// In a process of its own, so that an abort or an endless loop is a failed seed like any other.
[[noreturn]] void run_in_child(Options options, const std::filesystem::path& transcript, int result) {
  alarm(kSecondsPerWorld);
  options.copy = std::fopen(transcript.c_str(), "w");
  const Report report = World(options).run();
  if (options.copy != nullptr) std::fclose(options.copy);
  const Result told{report.written, report.shown, report.violations.size()};
  const bool delivered = write(result, &told, sizeof told) == static_cast<ssize_t>(sizeof told);
  _exit(delivered && report.violations.empty() ? 0 : 1);
}

std::optional<Result> run_one(const Options& options, const std::filesystem::path& transcript) {
  std::array<int, 2> pipe_ends{};
  if (pipe(pipe_ends.data()) != 0) return std::nullopt;
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) return std::nullopt;
  if (child == 0) run_in_child(options, transcript, pipe_ends[1]);
  close(pipe_ends[1]);
  Result result;
  const bool complete = read(pipe_ends[0], &result, sizeof result) == static_cast<ssize_t>(sizeof result);
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!complete || !WIFEXITED(status)) return std::nullopt;
  return result;
}

void run_seed(const Options& options, const std::filesystem::path& folder, Totals& totals) {
  const auto transcript = transcript_path(folder, options.seed);
  const auto result = run_one(options, transcript);
  ++totals.worlds;
  if (result) {
    totals.written += result->written;
    totals.shown += result->shown;
  }
  std::error_code ignored;
  if (result && result->violations == 0) {
    std::filesystem::remove(transcript, ignored);
    return;
  }
  totals.failed.push_back(options.seed);
  totals.violated |= result.has_value();
  fmt::print("seed {} {}: {}\n", options.seed, result ? "failed" : "aborted", transcript.string());
}

int run_many(Options options, SeedRange seeds, const std::filesystem::path& folder) {
  const bool planted = options.lying_disk;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    fmt::print(stderr, "cannot create {}: {}\n", folder.string(), error.message());
    return 2;
  }
  Totals totals;
  for (options.seed = seeds.first; options.seed <= seeds.last; ++options.seed) {
    run_seed(options, folder, totals);
    if (planted && !totals.failed.empty()) break;
    if (totals.worlds % kProgressEvery == 0) {
      fmt::print("{} seeds, {} failed, {} messages\n", totals.worlds, totals.failed.size(), totals.written);
    }
  }
  print_speed(totals.written, totals.shown, cpu_seconds(RUSAGE_CHILDREN));
  fmt::print("{} seeds, {} failed\n", totals.worlds, totals.failed.size());
  if (!totals.failed.empty()) fmt::print("replay with: simulate --seed {}\n", totals.failed.front());
  if (planted) return totals.violated ? 0 : 1;
  return totals.failed.empty() ? 0 : 1;
}

std::optional<SeedRange> parse_range(const std::string& text) {
  SeedRange range;
  int length = 0;
  if (std::sscanf(text.c_str(), "%lu..%lu%n", &range.first, &range.last, &length) != 2) return std::nullopt;
  if (static_cast<std::size_t>(length) != text.size() || range.first > range.last) return std::nullopt;
  return range;
}

}  // namespace
}  // namespace sotto::simulation

int main(int argc, char** argv) {
  using namespace sotto::simulation;
  CLI::App app(
      "Simulates users, devices, a server, disks and a network from a seed, and checks what must hold.");
  Options options;
  std::string range;
  std::string save = "simulation-failures";
  std::string faults;
  std::string plant;
  bool twice = false;
  auto* seed = app.add_option("--seed", options.seed, "one world; prints its transcript");
  auto* seeds =
      app.add_option("--seeds", range, "many worlds, A..B; prints a summary and keeps failed transcripts");
  seed->excludes(seeds);
  app.add_option("--steps", options.steps, "actions before the quiet phase")->capture_default_str();
  app.add_option("--save", save, "folder for the transcripts of failed seeds")->capture_default_str();
  app.add_option("--faults", faults, "additional faults: rollback")->check(CLI::IsMember({"rollback"}));
  app.add_option("--plant", plant,
                 "a planted bug: stops at the first seed that finds it, exit status 1 if none does")
      ->check(CLI::IsMember({"lying-disk"}));
  app.add_flag("--twice", twice, "runs --seed twice and compares the transcripts")->needs(seed);
  CLI11_PARSE(app, argc, argv);
  options.rollback = faults == "rollback";
  options.lying_disk = plant == "lying-disk";
  if (twice) return compare(options);
  if (seeds->empty()) return show_one(options);
  const auto parsed = parse_range(range);
  if (!parsed) {
    fmt::print(stderr, "--seeds takes two numbers like 1..200\n");
    return 2;
  }
  return run_many(options, *parsed, save);
}

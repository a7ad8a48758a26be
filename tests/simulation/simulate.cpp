// Runs simulated worlds: `simulate --seed N` shows one, `simulate --seeds A..B` tries many and keeps those
// that failed. Exit status 1 on any violation, 2 on a wrong command line. docs/specs/simulation.md.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "shrink.h"
#include "trial.h"
#include "world.h"

namespace sotto::simulation {
namespace {

constexpr std::uint64_t kProgressEvery = 100;
constexpr std::size_t kMostShrinkTrials = 1'000;

struct SeedRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

struct Totals {
  std::size_t worlds = 0;
  std::size_t written = 0;
  std::size_t shown = 0;
  std::size_t envelopes = 0;
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

void print_speed(std::size_t written, std::size_t shown, std::size_t envelopes, double seconds) {
  const auto rate = [seconds](std::size_t count) { return static_cast<double>(count) / seconds; };
  fmt::print(
      "{} messages written, {} shown, {} envelopes in {:.1f} s of CPU: {:.0f} messages/s, {:.0f} shown/s, "
      "{:.0f} envelopes/s\n",
      written, shown, envelopes, seconds, rate(written), rate(shown), rate(envelopes));
}

/// What replays the world.
std::string command_line(const Options& options) {
  const bool none = options.only && options.only->empty();
  std::string line = fmt::format("simulate --seed {} --steps {}", options.seed, none ? 0 : options.steps);
  if (options.mode == Mode::safety) line += " --mode safety";
  if (options.users) line += fmt::format(" --users {}", *options.users);
  if (options.devices != Options().devices) line += fmt::format(" --devices {}", options.devices);
  if (options.faults) {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < kFaultNames.size(); ++i) {
      if (options.faults->has(static_cast<Fault>(i))) names.push_back(kFaultNames[i]);
    }
    line += fmt::format(" --faults {}", names.empty() ? "none" : fmt::format("{}", fmt::join(names, ",")));
  }
  if (options.plant != Plant::none)
    line += fmt::format(" --plant {}", kPlantNames[static_cast<std::size_t>(options.plant)]);
  if (options.only && !none) line += fmt::format(" --only {}", fmt::join(*options.only, ","));
  return line;
}

/// The failed world with as few steps as still fail in the same way.
Options shrunk(Options options, const std::string& kind) {
  Steps all;
  for (std::uint64_t step = 0; step < options.steps; ++step) {
    if (!options.only || options.only->contains(step)) all.insert(step);
  }
  const auto fails = [&](const Steps& steps) {
    options.only = steps;
    const Outcome outcome = run_trial(options);
    return outcome.failed && outcome.kind == kind;
  };
  const Shrunk found = shrink(all, fails, kMostShrinkTrials);
  fmt::print("shrunk from {} steps to {} in {} trials\n", all.size(), found.steps.size(), found.trials);
  options.only = found.steps;
  return options;
}

int show_one(Options options, bool shrink_it) {
  if (shrink_it) {
    const Outcome outcome = run_trial(options);
    if (outcome.failed) options = shrunk(options, outcome.kind);
  }
  options.copy = stdout;
  const Report report = World(options).run();
  fmt::print("sha256 {}\n", report.digest);
  for (const auto& violation : report.violations) fmt::print("violation: {}\n", violation);
  fmt::print("{} days of simulated time\n", report.simulated.value / days(1).value);
  print_speed(report.written, report.shown, report.envelopes, cpu_seconds(RUSAGE_SELF));
  fmt::print("replay with: {}\n", command_line(options));
  return report.violations.empty() ? 0 : 1;
}

int compare(const Options& options) {
  const std::string first = World(options).run().digest;
  const std::string second = World(options).run().digest;
  fmt::print("{}\n{}\n", first, second);
  return first == second ? 0 : 1;
}

void note(const Options& options, const Outcome& outcome, const std::filesystem::path& folder,
          Totals& totals) {
  ++totals.worlds;
  totals.written += outcome.written;
  totals.shown += outcome.shown;
  totals.envelopes += outcome.envelopes;
  if (!outcome.failed) return;
  totals.failed.push_back(options.seed);
  totals.violated |= outcome.kind != "aborted";
  // The same once more, this time with a transcript.
  const auto transcript = folder / fmt::format("seed-{}.txt", options.seed);
  run_trial(options, transcript);
  fmt::print("seed {}: {}; see {}\n", options.seed, outcome.kind, transcript.string());
  std::fflush(stdout);
}

void report_first_failure(Options options, const Totals& totals, bool shrink_it,
                          const std::filesystem::path& folder) {
  options.seed = totals.failed.front();
  if (shrink_it) {
    options = shrunk(options, run_trial(options).kind);
    const auto transcript = folder / fmt::format("seed-{}-shrunk.txt", options.seed);
    run_trial(options, transcript);
    fmt::print("see {}\n", transcript.string());
  }
  fmt::print("replay with: {}\n", command_line(options));
}

int run_many(Options options, SeedRange seeds, const std::filesystem::path& folder, bool shrink_it) {
  const bool planted = options.plant != Plant::none;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    fmt::print(stderr, "cannot create {}: {}\n", folder.string(), error.message());
    return 2;
  }
  Totals totals;
  options.seed = seeds.first;
  run_trials(options, seeds.last, [&](std::uint64_t seed, const Outcome& outcome) {
    options.seed = seed;
    note(options, outcome, folder, totals);
    if (totals.worlds % kProgressEvery == 0) {
      fmt::print("{} seeds, {} failed, {} messages\n", totals.worlds, totals.failed.size(), totals.written);
      std::fflush(stdout);
    }
    return !planted || totals.failed.empty();
  });
  print_speed(totals.written, totals.shown, totals.envelopes, cpu_seconds(RUSAGE_CHILDREN));
  fmt::print("{} seeds, {} failed\n", totals.worlds, totals.failed.size());
  if (!totals.failed.empty()) report_first_failure(options, totals, shrink_it, folder);
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

/// Where a name stands in a list that CLI has checked it against.
std::size_t index_of(const auto& names, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

std::vector<std::string> strings(const auto& names) { return {names.begin(), names.end()}; }

/// The command line, as CLI fills it in.
struct Arguments {
  Options options;
  std::string range;
  std::string save = "simulation-failures";
  std::string mode = "liveness";
  std::string plant = "none";
  std::vector<std::string> faults;
  std::vector<std::uint64_t> only;
  std::size_t users = 0;
  bool twice = false;
  bool shrink = false;
};

void declare(CLI::App& app, Arguments& to) {
  auto* seed = app.add_option("--seed", to.options.seed, "one world; prints its transcript");
  app.add_option("--seeds", to.range, "many worlds, A..B; prints a summary and keeps failed transcripts")
      ->excludes(seed);
  app.add_option("--mode", to.mode,
                 "liveness: in the end everything must arrive; safety: only what always holds")
      ->check(CLI::IsMember({"liveness", "safety"}))
      ->capture_default_str();
  app.add_option("--steps", to.options.steps, "actions")->capture_default_str();
  app.add_option("--only", to.only, "of the steps, those that happen: 3,7,12")->delimiter(',');
  app.add_option("--users", to.users, "exactly so many; drawn from the seed if not given")
      ->check(CLI::Range(2, 1000));
  app.add_option("--devices", to.options.devices, "most devices of one user")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  auto fault_names = strings(kFaultNames);
  fault_names.emplace_back("none");
  app.add_option("--faults", to.faults, "classes of faults, a,b; drawn from the seed if not given")
      ->delimiter(',')
      ->check(CLI::IsMember(fault_names));
  app.add_option("--plant", to.plant,
                 "a planted bug: stops at the first seed that finds it, exit status 1 if none does")
      ->check(CLI::IsMember(strings(kPlantNames)));
  app.add_option("--save", to.save, "folder for the transcripts of failed seeds")->capture_default_str();
  app.add_flag("--shrink", to.shrink, "leaves out steps that the first failure does not need");
  app.add_flag("--twice", to.twice, "runs --seed twice and compares the transcripts")->needs(seed);
}

Options options_of(const Arguments& arguments) {
  Options options = arguments.options;
  options.mode = arguments.mode == "safety" ? Mode::safety : Mode::liveness;
  options.plant = static_cast<Plant>(index_of(kPlantNames, arguments.plant));
  if (arguments.users > 0) options.users = arguments.users;
  if (!arguments.only.empty()) options.only.emplace(arguments.only.begin(), arguments.only.end());
  if (arguments.faults.empty()) return options;
  options.faults.emplace();
  for (const auto& name : arguments.faults) {
    if (name != "none") options.faults->add(static_cast<Fault>(index_of(kFaultNames, name)));
  }
  return options;
}

}  // namespace
}  // namespace sotto::simulation

int main(int argc, char** argv) {
  using namespace sotto::simulation;
  CLI::App app(
      "Simulates users, devices, a server, disks and a network from a seed, and checks what must hold.");
  Arguments arguments;
  declare(app, arguments);
  CLI11_PARSE(app, argc, argv);
  const Options options = options_of(arguments);
  if (arguments.twice) return compare(options);
  if (arguments.range.empty()) return show_one(options, arguments.shrink);
  const auto range = parse_range(arguments.range);
  if (!range) {
    fmt::print(stderr, "--seeds takes two numbers like 1..200\n");
    return 2;
  }
  return run_many(options, *range, arguments.save, arguments.shrink);
}

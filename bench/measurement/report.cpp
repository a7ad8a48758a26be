#include "measurement/report.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

namespace sotto::bench {
namespace {

std::string first_line(const char* path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string processor_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string figure_line(const Figure& figure) {
  return fmt::format("  {:<64} {:>10.2f} us   spread {:>3.0f} %{}\n", figure.name, figure.median(),
                     figure.spread() * 100,
                     figure.spread() > kNoisySpread ? "   noisy: measure again on a quiet machine" : "");
}

std::string comparison_line(const Comparison& line) {
  const std::string value = line.value ? fmt::format("{:.2f}", *line.value) : "";
  const std::string ratio = line.ratio ? fmt::format("{:.2f}x", *line.ratio) : "";
  const char* verdict = !line.met ? "" : *line.met ? "met" : "NOT met";
  return fmt::format("  {:<4} {:<46} {:>10.2f} {:<5} {:<21} {:>9} {:>7}  {:<15} {}\n", line.row, line.what,
                     line.ours, line.unit, line.against, value, ratio, line.goal, verdict);
}

template <typename T>
nlohmann::json or_null(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

}  // namespace

Comparison at_most(std::string row, std::string what, std::string unit, double ours, double limit) {
  std::string goal = fmt::format("<= {} {}", limit, unit);
  return {.row = std::move(row),
          .what = std::move(what),
          .unit = std::move(unit),
          .ours = ours,
          .against = "",
          .goal = std::move(goal),
          .met = ours <= limit};
}

Comparison at_least(std::string row, std::string what, std::string unit, double ours, double limit) {
  std::string goal = fmt::format(">= {} {}", limit, unit);
  return {.row = std::move(row),
          .what = std::move(what),
          .unit = std::move(unit),
          .ours = ours,
          .against = "",
          .goal = std::move(goal),
          .met = ours >= limit};
}

Comparison at_most_times_floor(std::string row, std::string what, double ours, double floor,
                               std::optional<double> limit) {
  return {.row = std::move(row),
          .what = std::move(what),
          .unit = "us",
          .ours = ours,
          .against = "floor",
          .value = floor,
          .ratio = ours / floor,
          .goal = limit ? fmt::format("<= {}x", *limit) : "",
          .met = limit ? std::optional<bool>(ours / floor <= *limit) : std::nullopt};
}

Comparison faster_than(std::string row, std::string what, double ours, std::string peer, double peer_value,
                       std::optional<double> factor) {
  const double ratio = peer_value / ours;
  return {.row = std::move(row),
          .what = std::move(what),
          .unit = "us",
          .ours = ours,
          .against = std::move(peer),
          .value = peer_value,
          .ratio = ratio,
          .goal = factor ? fmt::format(">= {}x faster", *factor) : "",
          .met = factor ? std::optional<bool>(ratio >= *factor) : std::nullopt};
}

Report::Report(std::string title, std::size_t rounds)
    : title_(std::move(title)),
      rounds_(rounds),
      load_average_(first_line("/proc/loadavg")),
      processor_(processor_model()) {}

std::string Report::text() const {
  std::string out = fmt::format(
      "{}\n  {}; load average at start: {}\n  median of {} interleaved rounds, CPU time "
      "(user + system); spread = (largest - smallest) / median\n\nFigures\n",
      title_, processor_, load_average_, rounds_);
  for (const Figure& figure : figures_) out += figure_line(figure);
  out += fmt::format("\nGoals\n  {:<4} {:<46} {:>10} {:<5} {:<21} {:>9} {:>7}  {:<15} {}\n", "row", "what",
                     "ours", "", "against", "value", "ratio", "goal", "");
  for (const Comparison& line : comparisons_) out += comparison_line(line);
  for (const std::string& note : notes_) out += fmt::format("\nNote: {}\n", note);
  return out;
}

std::string Report::json() const {
  nlohmann::json out = {{"title", title_},   {"processor", processor_}, {"load_average", load_average_},
                        {"rounds", rounds_}, {"figures", nullptr},      {"comparisons", nullptr},
                        {"notes", notes_}};
  out["figures"] = nlohmann::json::array();
  for (const Figure& figure : figures_) {
    out["figures"].push_back({{"name", figure.name},
                              {"median_us", figure.median()},
                              {"spread", figure.spread()},
                              {"noisy", figure.spread() > kNoisySpread},
                              {"samples_us", figure.samples_us}});
  }
  out["comparisons"] = nlohmann::json::array();
  for (const Comparison& line : comparisons_) {
    out["comparisons"].push_back({{"row", line.row},
                                  {"what", line.what},
                                  {"unit", line.unit},
                                  {"ours", line.ours},
                                  {"against", line.against},
                                  {"value", or_null(line.value)},
                                  {"ratio", or_null(line.ratio)},
                                  {"goal", line.goal},
                                  {"met", or_null(line.met)}});
  }
  return out.dump(2) + "\n";
}

}  // namespace sotto::bench

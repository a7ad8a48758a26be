// What a benchmark says at its end: the machine's state, every figure with its spread, every comparison with
// its goal, as text or as JSON. It never decides whether a run "failed": figures are for people to judge.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "measurement/measure.h"

namespace sotto::bench {

/// One line of the table. `ours` is compared with `value`, which is a floor, a peer's figure or the goal
/// itself.
struct Comparison {
  std::string row;  ///< the goal's number, as "P1"
  std::string what;
  std::string unit;
  double ours = 0;
  std::string against;  ///< "floor", a peer's name, or empty when `ours` is held against the goal directly
  std::optional<double> value = std::nullopt;
  std::optional<double> ratio = std::nullopt;
  std::string goal = {};  ///< as "<= 1.2x"; empty when the line only informs
  std::optional<bool> met = std::nullopt;
};

/// `ours` itself must not exceed `limit`.
Comparison at_most(std::string row, std::string what, std::string unit, double ours, double limit);
/// `ours` itself must reach `limit`.
Comparison at_least(std::string row, std::string what, std::string unit, double ours, double limit);
/// ours / floor must not exceed `limit`; without a limit the line only informs.
Comparison at_most_times_floor(std::string row, std::string what, double ours, double floor,
                               std::optional<double> limit);
/// peer / ours must reach `factor`; without a factor the line only informs.
Comparison faster_than(std::string row, std::string what, double ours, std::string peer, double peer_value,
                       std::optional<double> factor = std::nullopt);

class Report {
 public:
  Report(std::string title, std::size_t rounds);

  void add(const Figure& figure) { figures_.push_back(figure); }
  void add(Comparison comparison) { comparisons_.push_back(std::move(comparison)); }
  /// A remark that belongs to the figures (what a batch contains, a missing peer).
  void note(std::string text) { notes_.push_back(std::move(text)); }

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string json() const;

 private:
  std::string title_;
  std::size_t rounds_;
  std::string load_average_;
  std::string processor_;
  std::vector<Figure> figures_;
  std::vector<Comparison> comparisons_;
  std::vector<std::string> notes_;
};

}  // namespace sotto::bench

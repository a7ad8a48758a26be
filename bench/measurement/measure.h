// Interleaved measurement of CPU time: every contender runs once per round, in turn (A B C A B C ...), so
// that a busy neighbour or a falling clock frequency meets all of them alike. What is measured is not its
// concern.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace sotto::bench {

/// Something that can do one operation many times. `run(n)` is timed and does n operations; `prepare(n)`,
/// when set, runs untimed just before it and lays out what n operations use up.
struct Contender {
  std::string name;
  std::function<void(std::size_t)> run;
  std::function<void(std::size_t)> prepare = {};
};

/// CPU microseconds (user + system, of the whole process) per operation, one sample a round.
struct Figure {
  std::string name;
  std::vector<double> samples_us;

  [[nodiscard]] double median() const;
  /// (largest - smallest) / median.
  [[nodiscard]] double spread() const;
};

/// A spread above this is pointed out wherever the figure is shown (docs: bench/README.md).
inline constexpr double kNoisySpread = 0.15;

/// One untimed warm-up of each contender, then `rounds` rounds of `operations` operations each. Figures stand
/// in the order of the contenders. Precondition: rounds > 0 and operations > 0.
std::vector<Figure> interleave(const std::vector<Contender>& contenders, std::size_t rounds,
                               std::size_t operations);

}  // namespace sotto::bench

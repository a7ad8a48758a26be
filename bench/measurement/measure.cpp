#include "measurement/measure.h"

#include <time.h>

#include <algorithm>

#include "result/check.h"

namespace sotto::bench {
namespace {

double cpu_microseconds() {
  timespec now{};
  SOTTO_CHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double run_once(const Contender& contender, std::size_t operations) {
  if (contender.prepare) contender.prepare(operations);
  const double start = cpu_microseconds();
  contender.run(operations);
  return (cpu_microseconds() - start) / static_cast<double>(operations);
}

}  // namespace

double Figure::median() const {
  SOTTO_CHECK(!samples_us.empty());
  std::vector<double> sorted = samples_us;
  std::ranges::sort(sorted);
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double Figure::spread() const {
  const auto [least, most] = std::ranges::minmax(samples_us);
  return (most - least) / median();
}

std::vector<Figure> interleave(const std::vector<Contender>& contenders, std::size_t rounds,
                               std::size_t operations) {
  SOTTO_CHECK(rounds > 0 && operations > 0);
  std::vector<Figure> figures;
  for (const Contender& contender : contenders) {
    figures.push_back({.name = contender.name, .samples_us = {}});
    run_once(contender, operations);
  }
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      figures[i].samples_us.push_back(run_once(contenders[i], operations));
    }
  }
  return figures;
}

}  // namespace sotto::bench

#include "shrink.h"

#include <algorithm>
#include <vector>

namespace sotto::simulation {
namespace {

/// `all` without its elements from `begin` on, `count` of them.
Steps without(const std::vector<std::uint64_t>& all, std::size_t begin, std::size_t count) {
  Steps rest(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(begin));
  rest.insert(all.begin() + static_cast<std::ptrdiff_t>(std::min(begin + count, all.size())), all.end());
  return rest;
}

}  // namespace

Shrunk shrink(const Steps& all, const std::function<bool(const Steps&)>& fails, std::size_t most_trials) {
  Shrunk out{.steps = all};
  std::size_t chunk = std::max<std::size_t>(all.size() / 2, 1);
  while (!out.steps.empty()) {
    bool smaller = false;
    // From the end: what happened last is the least likely to be what all else rests on.
    const std::vector<std::uint64_t> now(out.steps.begin(), out.steps.end());
    const std::size_t chunks = (now.size() + chunk - 1) / chunk;
    for (std::size_t i = chunks; i-- > 0 && !smaller && out.trials < most_trials;) {
      Steps candidate = without(now, i * chunk, chunk);
      ++out.trials;
      if (!fails(candidate)) continue;
      out.steps = std::move(candidate);
      smaller = true;
    }
    if (out.trials >= most_trials || (!smaller && chunk == 1)) break;
    if (!smaller) chunk = (chunk + 1) / 2;
    chunk = std::clamp<std::size_t>(chunk, 1, std::max<std::size_t>(out.steps.size() / 2, 1));
  }
  return out;
}

}  // namespace sotto::simulation

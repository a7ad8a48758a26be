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

/// What is left to try, and where the result stands.
class Search {
 public:
  Search(const std::function<bool(const Steps&)>& fails, std::size_t most_trials, Steps all)
      : fails_(fails), most_trials_(most_trials), out_{.steps = std::move(all)} {}

  [[nodiscard]] bool over() const { return out_.trials >= most_trials_ || out_.steps.empty(); }
  Shrunk take() { return std::move(out_); }

  /// Whole chunks, smaller and smaller ones, until no single step can be left out.
  void without_chunks() {
    std::size_t chunk = std::max<std::size_t>(out_.steps.size() / 2, 1);
    while (!over()) {
      const bool smaller = without_one_chunk(chunk);
      if (!smaller && chunk == 1) return;
      if (!smaller) chunk = (chunk + 1) / 2;
      chunk = std::clamp<std::size_t>(chunk, 1, std::max<std::size_t>(out_.steps.size() / 2, 1));
    }
  }

  /// Steps that only together can be left out: one undoes what the other did. True: two were.
  bool without_a_pair() {
    const std::vector<std::uint64_t> now(out_.steps.begin(), out_.steps.end());
    for (std::size_t i = now.size(); i-- > 1;) {
      for (std::size_t j = i; j-- > 0;) {
        if (over()) return false;
        Steps candidate = out_.steps;
        candidate.erase(now[i]);
        candidate.erase(now[j]);
        if (accept(std::move(candidate))) return true;
      }
    }
    return false;
  }

 private:
  bool without_one_chunk(std::size_t chunk) {
    // From the end: what happened last is the least likely to be what all else rests on.
    const std::vector<std::uint64_t> now(out_.steps.begin(), out_.steps.end());
    const std::size_t chunks = (now.size() + chunk - 1) / chunk;
    for (std::size_t i = chunks; i-- > 0 && !over();) {
      if (accept(without(now, i * chunk, chunk))) return true;
    }
    return false;
  }

  bool accept(Steps candidate) {
    ++out_.trials;
    if (!fails_(candidate)) return false;
    out_.steps = std::move(candidate);
    return true;
  }

  const std::function<bool(const Steps&)>& fails_;
  std::size_t most_trials_;
  Shrunk out_;
};

}  // namespace

Shrunk shrink(const Steps& all, const std::function<bool(const Steps&)>& fails, std::size_t most_trials) {
  Search search(fails, most_trials, all);
  do {
    search.without_chunks();
  } while (!search.over() && search.without_a_pair());
  return search.take();
}

}  // namespace sotto::simulation

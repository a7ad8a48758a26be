#include "groups/circle.h"

#include <algorithm>

namespace sotto::groups {
namespace {

/// Tarjan's search without recursion, whose depth others would choose, up to the first component found: it
/// can have no way out to a component found later.
class Search {
 public:
  Search(std::size_t size, const std::function<std::vector<Index>(Index)>& waits_for)
      : waits_for_(waits_for), number_(size), low_(size) {}

  std::vector<Index> run(Index start) {
    enter(start);
    while (true) {
      Frame& frame = frames_.back();
      if (!frame.rest.empty()) {
        const Index next = frame.rest.back();
        frame.rest.pop_back();
        if (number_[next] == 0) {
          enter(next);
        } else {
          low_[frame.at] = std::min(low_[frame.at], number_[next]);
        }
        continue;
      }
      const Index done = frame.at;
      if (low_[done] == number_[done]) return {std::ranges::find(path_, done), path_.end()};
      frames_.pop_back();  // not the last: the first to be entered has the lowest number
      low_[frames_.back().at] = std::min(low_[frames_.back().at], low_[done]);
    }
  }

 private:
  struct Frame {
    Index at;
    std::vector<Index> rest;
  };

  void enter(Index index) {
    number_[index] = low_[index] = static_cast<Index>(path_.size() + 1);
    path_.push_back(index);
    frames_.push_back({index, waits_for_(index)});
  }

  const std::function<std::vector<Index>(Index)>& waits_for_;
  std::vector<Index> number_;  ///< from 1, in the order of being found; 0: not found yet
  std::vector<Index> low_;     ///< the smallest number that is known to be reached
  std::vector<Index> path_;    ///< found
  std::vector<Frame> frames_;  ///< not done with
};

}  // namespace

std::vector<Index> find_circle(Index start, std::size_t size,
                               const std::function<std::vector<Index>(Index)>& waits_for) {
  return Search(size, waits_for).run(start);
}

}  // namespace sotto::groups

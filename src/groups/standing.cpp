#include "groups/standing.h"

#include <algorithm>

#include "groups/attack.h"
#include "groups/authority.h"
#include "groups/circle.h"
#include "result/check.h"

namespace sotto::groups {
namespace {

class Decisions {
 public:
  Decisions(const Graph& graph, const Cut& cut) : graph_(graph), cut_(cut), open_(cut.indices()) {}

  Cut run() {
    while (!open_.empty()) {
      if (decide_what_can_be()) continue;
      // Everything waits for something that waits itself.
      const Index strongest = find_strongest();
      std::erase(open_, strongest);
      decide(strongest);
    }
    return std::move(standing_);
  }

 private:
  /// One pass in order, so that a history without conflicts needs one.
  bool decide_what_can_be() {
    const std::size_t before = open_.size();
    std::erase_if(open_, [&](Index index) {
      const bool ready = parents_decided(index) && attackers_decided(index);
      if (ready) decide(index);
      return ready;
    });
    return open_.size() < before;
  }

  [[nodiscard]] bool parents_decided(Index index) const {
    return std::ranges::all_of(graph_.operation(index).parents, [&](const OperationHash& parent) {
      return decided_.contains(*graph_.find(parent));
    });
  }
  [[nodiscard]] bool attackers_decided(Index index) const {
    return std::ranges::all_of(graph_.node(index).attackers, [&](Index attacker) {
      return !cut_.contains(attacker) || decided_.contains(attacker);
    });
  }

  /// Precondition: its parents are decided. Attackers that are not yet decided do not count.
  void decide(Index index) {
    decided_.insert(index);
    const Graph::Node& node = graph_.node(index);
    const bool undone =
        std::ranges::any_of(node.attackers, [&](Index attacker) { return standing_.contains(attacker); });
    if (undone) return;
    if (check_author(View(graph_, standing_, node.past), graph_.operation(index))) standing_.insert(index);
  }

  /// What has to be decided before: open parents, and open ones that would undo it.
  [[nodiscard]] std::vector<Index> waits_for(Index index) const {
    std::vector<Index> out;
    for (const OperationHash& parent : graph_.operation(index).parents) out.push_back(*graph_.find(parent));
    std::ranges::copy_if(graph_.node(index).attackers, std::back_inserter(out),
                         [&](Index attacker) { return cut_.contains(attacker); });
    std::erase_if(out, [&](Index other) { return decided_.contains(other); });
    return out;
  }

  /// Of a circle that waits for nothing outside. Whichever circle is taken first, the others are not touched.
  [[nodiscard]] Index find_strongest() const {
    auto circle = find_circle(open_.front(), graph_.size(), [this](Index index) { return waits_for(index); });
    std::erase_if(circle, [&](Index index) { return !parents_decided(index); });
    SOTTO_CHECK(!circle.empty());
    return *std::ranges::min_element(circle, [&](Index a, Index b) {
      return is_stronger(graph_.operation(a), graph_.node(a).operation.hash(), graph_.operation(b),
                         graph_.node(b).operation.hash());
    });
  }

  const Graph& graph_;
  const Cut& cut_;
  std::vector<Index> open_;  ///< not decided yet
  Cut decided_;
  Cut standing_;
};

}  // namespace

Cut standing_of(const Graph& graph, const Cut& cut) { return Decisions(graph, cut).run(); }

}  // namespace sotto::groups

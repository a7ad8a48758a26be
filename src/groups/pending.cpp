#include "groups/pending.h"

#include <algorithm>

namespace sotto::groups {

GroupResult<void> Pending::add(VerifiedOperation operation) {
  if (waiting_.contains(operation.hash())) return {};
  if (waiting_.size() >= kMaxPending) return err(GroupError::pending_full);
  const OperationHash hash = operation.hash();
  waiting_.emplace(hash, std::move(operation));
  return {};
}

std::vector<Settled> Pending::settle(History& history) {
  std::vector<Settled> out;
  const auto ready = [&](const auto& entry) {
    return std::ranges::all_of(entry.second.operation().parents,
                               [&](const OperationHash& parent) { return history.contains(parent); });
  };
  // Each turn takes one away, so there are at most kMaxPending.
  for (auto next = std::ranges::find_if(waiting_, ready); next != waiting_.end();
       next = std::ranges::find_if(waiting_, ready)) {
    auto node = waiting_.extract(next);
    out.push_back({node.key(), history.admit(std::move(node.mapped()))});
  }
  return out;
}

std::vector<OperationHash> Pending::wanted(const History& history) const {
  std::vector<OperationHash> out;
  for (const auto& [hash, operation] : waiting_) {
    for (const OperationHash& parent : operation.operation().parents) {
      if (!history.contains(parent) && !waiting_.contains(parent)) out.push_back(parent);
    }
  }
  std::ranges::sort(out);
  const auto [first, last] = std::ranges::unique(out);
  out.erase(first, last);
  return out;
}

}  // namespace sotto::groups

#include "groups/history.h"

#include <algorithm>

#include "groups/authority.h"
#include "groups/standing.h"
#include "result/check.h"

namespace sotto::groups {
namespace {

/// What a full history still takes.
bool makes_smaller(const Act& act) {
  return std::holds_alternative<Remove>(act) || std::holds_alternative<Leave>(act) ||
         std::holds_alternative<DevicesLeft>(act) || std::holds_alternative<RemoveGuest>(act) ||
         std::holds_alternative<Merge>(act);
}

bool fits_after(std::size_t past, const Act& act) {
  return past < kMaxOperations || (makes_smaller(act) && past < kMaxOperations + kReservedOperations);
}

}  // namespace

GroupResult<History> History::begin(VerifiedOperation create) {
  std::vector<VerifiedOperation> operations;
  operations.push_back(std::move(create));
  return restore(std::move(operations));
}

GroupResult<History> History::restore(std::vector<VerifiedOperation> operations) {
  if (operations.empty() || !std::holds_alternative<Create>(operations.front().operation().act)) {
    return err(GroupError::wrong_group);
  }
  History out;
  const GroupId group = operations.front().group();
  out.insert(std::move(operations.front()), {});
  for (VerifiedOperation& operation : std::span(operations).subspan(1)) {
    if (out.contains(operation.hash())) continue;
    SOTTO_TRY(Cut past, out.find_past(operation.operation(), group));
    out.insert(std::move(operation), std::move(past));
  }
  out.standing_ = standing_of(out.graph_, out.all_);
  return out;
}

GroupResult<Cut> History::find_past(const Operation& operation, const GroupId& group) const {
  if (std::holds_alternative<Create>(operation.act) || operation.group != group) {
    return err(GroupError::wrong_group);
  }
  auto past = graph_.past_of(operation.parents);
  if (!past) return err(GroupError::unknown_parent);
  return *std::move(past);
}

GroupResult<void> History::check(const Operation& operation, const Cut& past) const {
  const std::size_t count = past.size();
  if (!fits_after(count, operation.act)) return err(GroupError::history_full);
  // Mostly it builds on everything that is here, whose outcome is known.
  const Cut standing = count == graph_.size() ? standing_ : standing_of(graph_, past);
  const View place(graph_, standing, past);
  SOTTO_CHECK_OK(check_author(place, operation));
  return check_subject(place, operation);
}

GroupResult<bool> History::admit(VerifiedOperation operation) {
  if (contains(operation.hash())) return false;
  SOTTO_TRY(Cut past, find_past(operation.operation(), id()));
  if (size() >= kMaxStoredOperations) return err(GroupError::history_full);
  SOTTO_CHECK_OK(check(operation.operation(), past));
  const Index index = insert(std::move(operation), std::move(past));
  const Graph::Node& node = graph_.node(index);
  if (!node.attackers.empty() || node.attacks) {
    standing_ = standing_of(graph_, all_);
  } else if (check_author(View(graph_, standing_, node.past), graph_.operation(index))) {
    standing_.insert(index);  // nothing builds on it, so nothing else changes
  }
  return true;
}

const GroupState& History::state() const {
  if (!state_) state_ = state_of(View(graph_, standing_, all_));
  return *state_;
}

GroupResult<Operation> History::draft(const Author& author, Act act, UnixMs now) const {
  Operation out{id(), author, now, heads_, std::move(act)};
  if (out.parents.size() > kMaxParents) out.parents.resize(kMaxParents);
  SOTTO_TRY(const Cut past, find_past(out, id()));
  SOTTO_CHECK_OK(check(out, past));
  return out;
}

bool History::stands(const OperationHash& hash) const {
  const auto index = graph_.find(hash);
  SOTTO_CHECK(index.has_value());
  return standing_.contains(*index);
}

GroupResult<GroupState> History::state_at(std::span<const OperationHash> heads) const {
  const auto cut = graph_.past_of(heads);
  if (!cut || heads.empty()) return err(GroupError::unknown_parent);
  if (cut->size() == size()) return state();
  const Cut standing = standing_of(graph_, *cut);
  return state_of(View(graph_, standing, *cut));
}

std::vector<OperationHash> History::missing_after(std::span<const OperationHash> heads) const {
  Cut known;
  for (const OperationHash& head : heads) {
    if (const auto past = graph_.past_of({&head, 1})) known.unite(*past);
  }
  std::vector<OperationHash> out;
  for (const Index index : all_.indices()) {
    if (!known.contains(index)) out.push_back(graph_.node(index).operation.hash());
  }
  return out;
}

Index History::insert(VerifiedOperation operation, Cut past) {
  std::erase_if(heads_, [&](const OperationHash& head) {
    return std::ranges::binary_search(operation.operation().parents, head);
  });
  const OperationHash hash = operation.hash();
  heads_.insert(std::ranges::lower_bound(heads_, hash), hash);
  const Index index = graph_.insert(std::move(operation), std::move(past));
  all_.insert(index);
  state_.reset();
  return index;
}

}  // namespace sotto::groups

// Operations that came before what they build on (docs/specs/groups.md 4).
#pragma once

#include "groups/history.h"

namespace sotto::groups {

/// What became of one that waited.
struct Settled {
  OperationHash hash{};
  GroupResult<bool> outcome;  ///< of History::admit
};

class Pending {
 public:
  /// One that waits already changes nothing. Errors: pending_full.
  GroupResult<void> add(VerifiedOperation operation);
  /// Hands over all whose parents are there now, those that wait for each other in turn.
  std::vector<Settled> settle(History& history);
  /// What has to be asked for, ascending: parents that are neither in the history nor here.
  [[nodiscard]] std::vector<OperationHash> wanted(const History& history) const;
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }

 private:
  std::map<OperationHash, VerifiedOperation> waiting_;
};

}  // namespace sotto::groups

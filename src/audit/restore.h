// From what an auditor kept to where it goes on: the last snapshot, the history after it, and the head that
// it had found right, which all of that has to agree with. Not concerned with files.
#pragma once

#include <optional>

#include "audit/follower.h"
#include "audit/history_record.h"

namespace sotto::audit {

enum class RestoreError : std::uint8_t {
  snapshot_unusable,  ///< damaged, or not of this history: restore again without it
  contradicts_head,   ///< the history does not have the root of the head found right: an alarm
};

class Restorer {
 public:
  /// `snapshot`: absent to go through the whole history. `known`: the head found right last; its signature is
  /// the caller's concern.
  Restorer(PinnedLog pinned, const std::optional<Bytes>& snapshot,
           std::optional<transparency::SignedTreeHead> known);

  /// The next record. False: it does not continue those before, so the history ends before it.
  bool take(const HistoryRecord& record);
  /// After the last record. A head of more entries than the history has is no error: it is checked when the
  /// log has been followed there again.
  Result<FollowerStart, RestoreError> finish() &&;
  /// What contradicts_head means.
  [[nodiscard]] Finding finding(UnixMs now) const;

  [[nodiscard]] std::uint64_t size() const { return history_.size(); }

 private:
  PinnedLog pinned_;
  std::optional<transparency::Auditor> auditor_;  ///< none: the snapshot is unusable
  std::optional<transparency::SignedTreeHead> known_;
  crypto::MerklePeaks history_;
  bool contradicts_ = false;
};

}  // namespace sotto::audit

#include "audit/restore.h"

namespace sotto::audit {

Restorer::Restorer(PinnedLog pinned, const std::optional<Bytes>& snapshot,
                   std::optional<transparency::SignedTreeHead> known)
    : pinned_(std::move(pinned)), auditor_(transparency::Auditor(pinned_.keys)), known_(std::move(known)) {
  if (!snapshot) return;
  auto restored = transparency::Auditor::restore(*snapshot);
  if (restored) {
    auditor_ = *std::move(restored);
  } else {
    auditor_.reset();
  }
}

bool Restorer::take(const HistoryRecord& record) {
  if (!auditor_ || record.entry.epoch != history_.size()) return false;
  if (history_.size() >= auditor_->size() && !auditor_->follow(record.entry, record.mutations)) return false;
  history_.append(record.entry.leaf());
  if (history_.size() == auditor_->size() && history_.root() != auditor_->root()) {
    auditor_.reset();
    return false;
  }
  if (known_ && known_->head.size == history_.size()) contradicts_ = known_->head.root != history_.root();
  return true;
}

Result<FollowerStart, RestoreError> Restorer::finish() && {
  if (!auditor_ || auditor_->violation() || history_.size() < auditor_->size()) {
    return err(RestoreError::snapshot_unusable);
  }
  if (contradicts_) return err(RestoreError::contradicts_head);
  return FollowerStart{std::move(pinned_), std::move(auditor_), std::move(known_)};
}

Finding Restorer::finding(UnixMs now) const {
  return {.kind = FindingKind::own_record,
          .rule = transparency::TransparencyError::wrong_root,
          .keys = pinned_.keys,
          .followed = history_.size(),
          .found = now,
          .known = known_,
          .head = {},
          .entry = {},
          .mutations = {},
          .evidence = {}};
}

}  // namespace sotto::audit

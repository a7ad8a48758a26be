// Following a log entry by entry and believing nothing (docs/specs/transparency.md 7).
#pragma once

#include <optional>
#include <span>

#include "transparency/entry.h"
#include "transparency/map_replica.h"
#include "transparency/tree_head.h"

namespace sotto::transparency {

class Auditor {
 public:
  explicit Auditor(LogKeys keys) : keys_(std::move(keys)) {}

  /// The next entry and its complete list. The first violation is final: every later call of follow() and
  /// admit() returns it again. Errors: wrong_epoch, time_went_back, wrong_list, wrong_version, wrong_root.
  TransparencyResult<void> follow(const Entry& entry, std::span<const Mutation> mutations);

  /// A head over exactly the entries followed. After success it may be cosigned. Errors: wrong_log,
  /// bad_signature, head_from_future (more than kMaxHeadAge after now), head_behind (of fewer or more entries
  /// than followed, or older than the one admitted last: follow the rest, or ask again); and, final as above,
  /// wrong_root and time_went_back (signed before its last entry was made).
  TransparencyResult<void> admit(const SignedTreeHead& head, UnixMs now);

  /// How many entries were followed: the epoch to fetch next.
  [[nodiscard]] std::uint64_t size() const { return peaks_.size(); }
  [[nodiscard]] Hash root() const { return peaks_.root(); }
  [[nodiscard]] std::size_t leaves() const { return map_.size(); }
  [[nodiscard]] std::optional<TransparencyError> violation() const { return violation_; }
  [[nodiscard]] const std::optional<SignedTreeHead>& last_admitted() const { return admitted_; }

  /// For the auditor's own store: keys, peaks, last entry, last head admitted, leaves.
  /// Precondition: no violation.
  [[nodiscard]] Bytes saved();
  /// Reads saved() back and checks the leaves against the last entry, and the peaks against the head admitted
  /// last where that covers as many entries. Errors: malformed, wrong_root.
  static TransparencyResult<Auditor> restore(ByteView octets);

 private:
  [[nodiscard]] TransparencyResult<void> check(const Entry& entry, std::span<const Mutation> mutations) const;
  std::unexpected<TransparencyError> stop(TransparencyError error);

  LogKeys keys_;
  MapReplica map_;
  crypto::MerklePeaks peaks_;
  std::optional<Entry> last_;
  std::optional<SignedTreeHead> admitted_;
  std::optional<TransparencyError> violation_;
};

}  // namespace sotto::transparency

// Which sender_seq of one (conversation, sender device) were seen: every number up to the high-water mark
// except the gaps (docs/specs/session-protocol.md 6, 8). Lives as long as the conversation.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "session/error.h"

namespace sotto::session {

/// Where the next run of a sender begins at the earliest (section 6).
constexpr std::uint64_t skip_ahead(std::uint64_t seq) { return ((seq >> 32) + 1) << 32; }

/// The first number a sender uses after its store was opened: a store restored from an older copy does not
/// know what it used before, the clock does.
constexpr std::uint64_t first_of_run(std::uint64_t last_used, UnixMs opened) {
  return std::max(skip_ahead(last_used), opened.value / 1000 << 32);
}

class SequenceSet {
 public:
  /// Intervals kept; beyond it the oldest gap is given up, so a message from it counts as seen.
  static constexpr std::size_t kMaxGaps = 512;

  [[nodiscard]] bool contains(std::uint64_t seq) const;
  /// False if it was there already, or is 0.
  bool insert(std::uint64_t seq);

  [[nodiscard]] std::uint64_t high_water() const { return high_water_; }
  /// Numbers below the high-water mark not seen: what a relay dropped or still holds. What a sender skipped
  /// (skip_ahead) is not missing.
  [[nodiscard]] std::uint64_t missing() const;

  [[nodiscard]] Bytes encode() const;
  /// Errors: corrupt_record.
  static SessionResult<SequenceSet> decode(ByteView record);

 private:
  std::uint64_t high_water_ = 0;
  std::map<std::uint64_t, std::uint64_t> gaps_;  ///< first -> last, disjoint, below high_water_
};

}  // namespace sotto::session

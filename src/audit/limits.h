// Every bound and interval of this module, each with its reason.
#pragma once

#include <cstddef>

#include "clock/clock.h"

namespace sotto::audit {

/// How often a follower asks for a new head: an epoch takes a second or longer.
inline constexpr DurationMs kPollInterval = seconds(5);
/// An answer that takes longer is not coming: the connection is given up.
inline constexpr DurationMs kAnswerPatience = seconds(60);
/// Pause after a refusal that names no time, and the longest one that a server can make us take.
inline constexpr DurationMs kRetryPause = seconds(1);
inline constexpr DurationMs kLongestPause = minutes(10);
/// Lists of mutations asked for and held at once; each answer is one frame of 1 MiB at most.
inline constexpr std::size_t kMaxListRequests = 16;
/// A new snapshot is due when the history has grown by this much, and by as much as a snapshot has: so what
/// is written for snapshots is at most what is written anyway.
inline constexpr std::size_t kSnapshotAfter = std::size_t{4} << 20;
/// A head with kMaxCosignatures cosignatures, and room.
inline constexpr std::size_t kMaxHeadOctets = std::size_t{64} << 10;
/// A report holds a list of mutations (9 MiB at most) beside keys and heads.
inline constexpr std::size_t kMaxReportOctets = std::size_t{10} << 20;
/// What is shown of a server's own words.
inline constexpr std::size_t kMaxShownDetail = 200;

}  // namespace sotto::audit

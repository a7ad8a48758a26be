// Every bound of this module, each with its reason (docs/specs/recovery.md 3, 4).
#pragma once

#include <cstddef>

#include "clock/clock.h"

namespace sotto::recovery {

/// One person must not be enough, however well known: a stolen telephone is one person too.
inline constexpr std::size_t kMinThreshold = 2;
/// More people than anybody keeps informed; the digests of all stand in every share.
inline constexpr std::size_t kMaxContacts = 16;
/// A weekend and a day: somebody notices.
inline constexpr DurationMs kDefaultDelay = hours(72);
/// Longer, and a contact has forgotten what it was about.
inline constexpr DurationMs kMaxDelay = days(30);
/// What a server takes; ours have less than 3 KiB.
inline constexpr std::size_t kMaxSealedSlot = std::size_t{16} * 1024;

}  // namespace sotto::recovery

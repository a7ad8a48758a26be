// Every bound of this module, each with its reason (docs/specs/groups.md 8). Those of a single operation and
// of its past are part of the rules on which all members agree; they cannot be changed by one of them.
#pragma once

#include <cstddef>

#include "clock/clock.h"

namespace sotto::groups {

/// Whoever sends encrypts to all their devices.
inline constexpr std::size_t kMaxMembers = 1000;
/// With its signature an operation stays far below an envelope's 64 KiB.
inline constexpr std::size_t kMaxMembersPerOperation = 256;
/// Longer than any list of chats shows.
inline constexpr std::size_t kMaxGroupName = 128;
/// A descriptor of an attachment has about 300 octets.
inline constexpr std::size_t kMaxPhoto = 1024;
/// How many members may act without knowing of each other before one of them has to merge.
inline constexpr std::size_t kMaxParents = 32;
/// An account has at most this many devices, so no more of them leave at once.
inline constexpr std::size_t kMaxDevicesLeft = 16;
/// Each of them is a text to pay for and somebody more who is not encrypted to.
inline constexpr std::size_t kMaxGuests = 16;
/// E.164: a plus, and digits.
inline constexpr std::size_t kMinNumber = 9;
inline constexpr std::size_t kMaxNumber = 16;
/// Messages that stay for longer than a year do not disappear, they stay.
inline constexpr DurationMs kMaxTimer = days(366);

/// One change a day for twenty years; 28 MB with signatures, and 1.3 s to verify for whoever joins.
inline constexpr std::size_t kMaxOperations = 8192;
/// Beyond that people can still be removed and leave: a full group must not hold anybody.
inline constexpr std::size_t kReservedOperations = 512;
/// What is kept of a group altogether. Whoever follows the rules stays below kMaxOperations; only a member
/// that writes many histories beside each other reaches this.
inline constexpr std::size_t kMaxStoredOperations = 2 * kMaxOperations;
/// Operations that wait for a parent. A peer sends parents first, so this bounds what a hostile one costs.
inline constexpr std::size_t kMaxPending = 256;

/// The largest signed form: V(o) || signature, o with 256 members.
inline constexpr std::size_t kMaxSignedOperation = std::size_t{20} * 1024;
/// Handles are at most 254 octets (identity/limits.h).
inline constexpr std::size_t kMaxLinkText = 600;

}  // namespace sotto::groups

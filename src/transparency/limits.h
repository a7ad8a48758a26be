// Every bound of this module, each with its reason (docs/specs/transparency.md 9), and its labels.
#pragma once

#include <cstddef>
#include <string_view>

#include "clock/clock.h"

namespace sotto::transparency {

/// The longest handle (an e-mail address) and its prefix.
inline constexpr std::size_t kMaxLabel = 256;
/// fp(AIK) and a manifest hash: the longer of the two kinds of value.
inline constexpr std::size_t kMaxValue = 80;
/// Somebody's handle and account, and room.
inline constexpr std::size_t kMaxLabels = 4;
/// The bits of a map key.
inline constexpr std::size_t kMaxMapPath = 256;
/// Sizes are u64: one hash a level, and twice as many for consistency, at most.
inline constexpr std::size_t kMaxInclusionPath = 64;
inline constexpr std::size_t kMaxConsistencyPath = 130;
/// An auditor holds the list of an epoch at once: 9 MiB.
inline constexpr std::size_t kMaxMutations = 131'072;
/// Witnesses are few, and each signature weighs 3.4 kB.
inline constexpr std::size_t kMaxCosignatures = 16;
/// One for each account that claims what is not proven; a message store of that many quarrels is an attack.
inline constexpr std::size_t kMaxOpenClaims = 256;
/// What gossip mostly says again.
inline constexpr std::size_t kMaxProvenHeads = 64;
/// How long a log may show one face only to one client; also how far clocks may be apart.
inline constexpr DurationMs kMaxHeadAge = hours(24);
/// How long a claim may wait for its consistency proof.
inline constexpr DurationMs kClaimPatience = hours(24);
inline constexpr DurationMs kSelfAuditInterval = hours(6);
/// At the latest after this time a log signs its head again.
inline constexpr DurationMs kHeadInterval = hours(1);

namespace label {
inline constexpr std::string_view kLog = "log";
inline constexpr std::string_view kTreeHead = "sth";
}  // namespace label

}  // namespace sotto::transparency

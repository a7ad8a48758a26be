// Every bound of this module, each with its reason (docs/specs/transparency.md 8, 9).
#pragma once

#include <cstddef>
#include <cstdint>

#include "clock/clock.h"
#include "transparency/limits.h"

namespace sotto::transparency_log {

/// A page rewritten for one leaf has 2.3 kB at most, and at 10^6 leaves 15 of them.
inline constexpr std::size_t kBucketLeaves = 32;
/// Levels of the tree in an inner page: 1 kB in memory, and one read for every factor of 16.
inline constexpr std::size_t kPageLevels = 4;
/// Pages up to this depth stay in memory: at most 1 + 16 + 256 + 4096 of them, 5 MB.
inline constexpr std::size_t kCachedDepth = 12;
/// A page of a mutation list is one value of the store (1 MiB) and one answer to an auditor.
inline constexpr std::size_t kMutationsPerPage = 8192;
/// Redo records are cut into values of this size.
inline constexpr std::size_t kRedoChunk = std::size_t{512} << 10;
/// Half of what a batch of the store may have: a batch is filled until it has more than this.
inline constexpr std::size_t kBatchOctets = std::size_t{2} << 20;
inline constexpr std::size_t kBatchWrites = 2048;
/// What the log leaves of the store's queue to others.
inline constexpr std::size_t kInFlightOctets = std::size_t{16} << 20;
/// Changes that wait for an epoch: one full epoch's, and the memory of their effects.
inline constexpr std::size_t kMaxWaitingChanges = transparency::kMaxMutations;
inline constexpr std::size_t kMaxWaitingOctets = std::size_t{64} << 20;
/// Changes and effects of one submission: a registration has two of each.
inline constexpr std::size_t kMaxChanges = 16;
inline constexpr std::size_t kMaxEffects = 16;
/// Entries in one answer to an auditor: 80 kB.
inline constexpr std::size_t kMaxEntriesPage = 1024;
/// Heads that a witness may still cosign: it needs time to follow.
inline constexpr std::size_t kRecentHeads = 256;

}  // namespace sotto::transparency_log

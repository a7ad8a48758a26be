// The limits of blobs, each with its reason. An operator may change what is in Limits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "clock/clock.h"

namespace sotto::blobs {

/// What a deployment configures.
struct Limits {
  // A few minutes of video. 0: no blobs at all.
  std::uint64_t blob_octets = std::uint64_t{256} << 20;
  // What one account may keep, counted anew for each that keeps the same blob.
  std::uint64_t account_octets = std::uint64_t{4} << 30;
  // As long as envelopes wait for a device.
  DurationMs ttl = days(30);
};

// What is stored under one key. Large enough that a blob of 256 MiB has a thousand, small enough to be copied
// whole.
inline constexpr std::size_t kPieceOctets = std::size_t{256} << 10;
// One write is one batch and one sync: what a slow telephone sends in a second.
inline constexpr std::size_t kMaxWriteOctets = 4 * kPieceOctets;
// One read is in memory at once.
inline constexpr std::size_t kMaxReadOctets = kPieceOctets;
// Listed at once for quotas and when an account is turned off.
inline constexpr std::size_t kMaxBlobsPerAccount = 4096;
// They stand in the blob's record, which each change writes anew: 6 KiB.
inline constexpr std::size_t kMaxKeepers = 256;
// An upload that has not moved for so long is given up: a device is off for a weekend.
inline constexpr DurationMs kUploadPatience = days(3);
// Accounts whose sums are remembered, about 1 MB; others are counted again from the store.
inline constexpr std::size_t kMaxSums = 10'000;
// Records looked at in one step of the sweep: a millisecond of reads.
inline constexpr std::size_t kSweepRecords = 64;
// Blobs being taken away at once, so that the commit queue is left to people.
inline constexpr std::size_t kMaxReaping = 8;
// Deletes of one batch when a blob is taken away.
inline constexpr std::size_t kMaxErasedPieces = 1024;
// Blobs of accounts that were turned off which wait to be released; the rest expires.
inline constexpr std::size_t kMaxReleasesQueued = 65'536;

}  // namespace sotto::blobs

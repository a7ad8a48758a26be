// Every bound of the directory with its reason (docs/specs/directory.md 4).
#pragma once

#include <cstddef>
#include <cstdint>

#include "clock/clock.h"

namespace sotto::directory {

/// Names of one person; each one is taken from everybody else.
inline constexpr std::size_t kMaxHandles = 10;
/// How long a handle that was given up stays closed to everybody else: whoever still writes to it must not
/// reach a stranger at once, and has by then seen in the log that it names nobody.
inline constexpr DurationMs kHandleHold = days(30);
/// Held handles looked at in one tick.
inline constexpr std::size_t kHoldsPerTick = 256;
/// Batches of other modules in the submission that turns an account off: with those of ten handles and the
/// account they have to fit into one.
inline constexpr std::size_t kMaxErasures = 4;
/// Requests that wait because another one works on the same account or handle: a burst of one account's
/// devices and its contacts, not a queue.
inline constexpr std::size_t kMaxWaiting = 64;
/// A page of manifests stays under a frame of 1 MiB; the newest alone always fits (46 KB).
inline constexpr std::size_t kManifestPageOctets = 512 * 1024;
/// Cached summaries (about 120 octets with three devices): 10 MB, most accounts that are active at one time.
inline constexpr std::size_t kMaxCachedManifests = 65'536;
/// Counters of one window: 64 MB at most. When full, new askers are refused until the window ends.
inline constexpr std::size_t kMaxCounters = std::size_t{1} << 20;

/// Records of first contacts looked at in one sweep.
inline constexpr std::size_t kFirstContactsPerSweep = 256;
/// In one record, whatever the configuration was when they were counted: 256 KB.
inline constexpr std::size_t kMaxFirstContacts = 16'384;

/// How often, per hour unless said otherwise.
struct RateLimits {
  /// Handles an account may look up: enough for an address book, too few to walk a name space.
  std::uint32_t resolves = 600;
  /// Accounts an account may look up: every conversation, again and again. Ids are random, nobody walks them.
  std::uint32_t account_lookups = 6'000;
  /// Pages of manifests an account may fetch.
  std::uint32_t manifest_pages = 6'000;
  /// Bundle requests from one account for one device.
  std::uint32_t fetches_per_pair = 60;
  /// One-time pairs for one account from one device: as many as new sessions are accepted from a peer. Then
  /// the last-resort key.
  std::uint32_t one_time_per_pair = 10;
  /// One-time pairs from one device for everybody: nobody drains it. Then the last-resort key.
  std::uint32_t one_time_per_target = 60;
  /// Batches of one device: a refill each time contacts took 22 pairs.
  std::uint32_t uploads = 30;
  /// Manifests of one account in a day: every version is kept for ever.
  std::uint32_t publishes_per_day = 100;
  /// Handle changes of one account in a day.
  std::uint32_t handle_changes_per_day = 20;
  /// Accounts that an account begins to write to, in any hour and in any day: somebody who just came and
  /// writes to everybody they know, or who makes a group of 250, and no more than that for who sells
  /// something. At most kMaxFirstContacts.
  std::uint32_t first_contacts_per_hour = 60;
  std::uint32_t first_contacts_per_day = 300;
};

}  // namespace sotto::directory

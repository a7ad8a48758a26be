// The relay's limits, each with its reason. An operator may lower or raise what is in Limits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "clock/clock.h"

namespace sotto::relay {

/// What a deployment configures.
struct Limits {
  // Session-protocol spec 8: text beyond 16 KiB travels as an attachment, so 64 KiB holds every SP/1 message.
  std::size_t max_envelope_octets = std::size_t{64} << 10;
  // Content encrypted once for many devices, and stored for each of them: no larger than what could be sent
  // to each alone.
  std::size_t max_shared_body_octets = std::size_t{64} << 10;
  // A month of a busy group for a device that is switched off.
  std::uint64_t mailbox_envelopes = 50'000;
  // Sixty thousand ordinary messages of 1 KiB; bounds what one silent device can cost a disk.
  std::uint64_t mailbox_octets = std::uint64_t{64} << 20;
  // Longer than a holiday; a manifest lives 35 days.
  DurationMs ttl = days(30);
  // Pushed and not yet acknowledged: enough to fill a 100 ms path at 2,000 messages a second.
  std::size_t window_envelopes = 256;
  // Below a connection's bound of unsent output, so that a slow reader is slowed and not cut off.
  std::size_t window_octets = std::size_t{1} << 20;
  // Mailboxes of devices that are not connected, kept so that the next message needs no read: about 6 MB.
  std::size_t idle_mailboxes = 16'384;
};

// A mailbox is counted anew from its last checkpoint when it is loaded; this bounds what that reads.
inline constexpr std::uint64_t kCheckpointEnvelopes = 32;
inline constexpr std::uint64_t kCheckpointOctets = std::uint64_t{128} << 10;
// Acknowledgements become durable in groups: a crash repeats at most so many deliveries, which clients drop.
inline constexpr std::uint64_t kTrimEnvelopes = 64;
inline constexpr std::uint64_t kTrimOctets = std::uint64_t{256} << 10;
// Trims that wait for tick(); more at once would fill the commit queue that submissions need.
inline constexpr std::size_t kMaxTrimsPerTick = 4096;
// Store pages read for delivery in one turn: a herd of reconnecting devices must not stall the loop.
inline constexpr std::size_t kMaxPagesPerTurn = 128;
// Envelopes of connected devices kept in memory between commit and push; beyond it they are read back.
inline constexpr std::size_t kMaxTailEnvelopes = 64;
inline constexpr std::size_t kMaxTailOctets = std::size_t{256} << 10;
// Envelopes looked at in one step of expiry, and mailboxes in one tick: a few milliseconds of reads.
inline constexpr std::size_t kMaxExpiryScan = 256;
inline constexpr std::size_t kMaxExpiriesPerTick = 32;

// Advice to senders. A full mailbox empties when its owner comes back: asking often is of no use.
inline constexpr DurationMs kRetryMailboxFull = minutes(10);
inline constexpr DurationMs kRetryStorage = seconds(10);
inline constexpr DurationMs kRetryOverloaded = seconds(1);

}  // namespace sotto::relay

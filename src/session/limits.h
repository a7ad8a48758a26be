// Every bound of SP/1 with its reason (docs/specs/session-protocol.md 3, 5, 8, 9).
#pragma once

#include <cstddef>
#include <cstdint>

#include "clock/clock.h"

namespace sotto::session {

// Prekeys (3).
/// A relay hands out 60 pairs an hour at most; a device that is online daily refills long before they end.
inline constexpr std::uint32_t kOneTimePairsPerBatch = 32;
/// Bounds the upload (205 kB) and the receiver's stored private halves.
inline constexpr std::uint32_t kMaxOneTimePairs = 128;
inline constexpr std::uint32_t kRefillBelow = 10;
/// A directory hands out at most 60 pairs an hour, two batches. One that says "none left" more often than six
/// times an hour wants work done, or old batches pushed out.
inline constexpr DurationMs kRefillInterval = minutes(10);
/// A stolen last-resort key opens first flights of one week, not of the device's life.
inline constexpr DurationMs kPrekeyRotation = days(7);
inline constexpr DurationMs kMaxBatchValidity = days(35);
/// Longer than validity, so that an INIT sent on the last valid day and delivered late still opens.
inline constexpr DurationMs kPrivateHalvesKept = days(37);
/// Two days of wrong clock are common on machines that were off; more is an attempt to outlive a rotation.
inline constexpr DurationMs kMaxClockAhead = hours(48);
inline constexpr DurationMs kBatchCacheLifetime = days(7);
/// Batches whose private halves a device may hold: one a day for 37 days, and some for manual refills.
inline constexpr std::size_t kMaxHeldBatches = 64;
/// Session ids remembered against replay per batch (16 octets each). When full, the batch takes no more INITs
/// and a new one is due: forgetting would let a replay in.
inline constexpr std::size_t kMaxReplayEntries = 16'384;

// Messages (6, 8).
/// What the relay takes; longer text travels as an attachment.
inline constexpr std::size_t kMaxEnvelope = 64 * 1024;
/// A reader that was away for this many messages still decrypts; the work for a forged header stays near 10
/// ms.
inline constexpr std::uint32_t kMaxForwardJump = 2'000;
/// After kBadMacThreshold failures in kBadMacWindow a forged header may cost only this much.
inline constexpr std::uint32_t kMaxForwardJumpSuspicious = 64;
inline constexpr std::uint32_t kBadMacThreshold = 8;
inline constexpr DurationMs kBadMacWindow = minutes(10);
/// Per ratchet of a session: one whole forward jump.
inline constexpr std::size_t kMaxSkippedKeys = 2'000;
/// For the client to enforce over all peers (PeerState::skipped_keys, drop_oldest_skipped).
inline constexpr std::size_t kMaxSkippedKeysPerDevice = 50'000;
inline constexpr DurationMs kSkippedKeyLifetime = days(30);
/// Counters never wrap: a chain that gets this long ends its session.
inline constexpr std::uint32_t kMaxCounter = std::uint32_t{1} << 31;
/// What a sender adds to content in the worst case: a PQ step with ML-DSA (4.6 kB), authentication, gossip,
/// framing.
inline constexpr std::size_t kMaxInnerOverhead = 6 * 1024;
/// IdClaim octets: ids, two manifest references, a head and replaces[] stay under 1 KiB.
inline constexpr std::size_t kMaxClaim = 1'024;

// PQ epochs (5).
inline constexpr std::uint32_t kPqTriggerMessages = 20;
inline constexpr DurationMs kPqTriggerAge = hours(24);
/// Both steps of every epoch divisible by this carry ML-DSA.
inline constexpr std::uint32_t kPqReauthenticationPeriod = 16;
/// Messages in both directions without an answer after which a stalled PQ ratchet is reported: the schedule
/// has carried the value six times by then, so chance (below 1 in 1,000 at 30 % loss) is not the likely
/// reason.
inline constexpr std::uint32_t kPqStallMessages = 32;
/// Nor are two bursts that crossed: what either side sent before it heard the other says nothing.
inline constexpr DurationMs kPqStallAge = hours(1);

// Sessions (8, 9).
inline constexpr std::size_t kMaxReceiveOnlySessions = 8;
inline constexpr DurationMs kSessionLifetime = days(30);
inline constexpr DurationMs kUnheardInitLifetime = hours(72);
/// Accepted message hashes kept to tell a repeated delivery from a sender that was rolled back.
inline constexpr std::size_t kMaxAcceptedHashes = 2'048;
/// Sent message hashes kept to tell a peer's error from a relay's forgery.
inline constexpr std::size_t kMaxSentHashes = 4'096;
inline constexpr DurationMs kSentHashLifetime = days(7);
/// A peer that needs more new sessions than this is broken or hostile.
inline constexpr std::size_t kMaxNewSessionsPerHour = 10;
inline constexpr std::size_t kMaxReplaces = 16;
/// Ids of removed sessions still known as this peer's, so that a late message in one can be answered.
inline constexpr std::size_t kMaxRetiredSessions = 64;
/// Messages remembered as already reported: one error per message.
inline constexpr std::size_t kMaxReported = 64;
/// Resets and errors that open a session: first at once, then this interval, doubled each time up to the
/// maximum.
inline constexpr DurationMs kResetInterval = minutes(10);
inline constexpr std::uint32_t kMaxResetDoublings = 7;  // 21 hours
/// A day without a reset forgives.
inline constexpr DurationMs kResetForgiveness = hours(24);
/// Ends of a group's history that a message may name (groups.md 2: as many as an operation's parents).
inline constexpr int kMaxGroupHeads = 32;
/// Of a shared body: with padding and tag it has at most 64 KiB, as an envelope.
inline constexpr std::size_t kMaxSharedContent = std::size_t{56} * 1024;
/// How often one message is sent again to one device: a rollback costs one or two, and whoever was restored
/// several times in a week must still get what it missed. What a hostile peer gains is this many copies.
inline constexpr std::uint32_t kMaxResends = 8;
/// Errors about one session in kResetInterval: the first that is read ends it, and its sender repeats
/// everything that it sent in it and has no receipt for. Some may be lost.
inline constexpr std::size_t kMaxErrorsPerSession = 4;
/// Errors reported to one peer device in kResetInterval: garbage from a relay must not make us talk as much.
inline constexpr std::size_t kMaxErrorsPerInterval = 10;

}  // namespace sotto::session

// What the server lets one peer do, each bound with its reason. An operator may change what is in Limits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "clock/clock.h"
#include "server/token_bucket.h"

namespace sotto::server {

/// What a deployment configures.
struct Limits {
  // A person sends a few messages a minute; this is a device that syncs years of history to a new one.
  Rate envelopes_per_device{100, 5'000};
  // Everything else a device asks.
  Rate requests_per_device{20, 200};
  // Verifying a hybrid signature costs 0.3 ms: one address may cost 3 % of a core, an office may all
  // reconnect.
  Rate authentications_per_address{100, 1'000};
  Rate registrations_per_address{1, 20};
  // An auditor that begins reads one list of mutations for each epoch: a million epochs in three hours.
  Rate log_requests_per_address{100, 2'000};
  // A key is typed once, and a wrong one a few times; each try makes a notice.
  Rate recoveries_per_address{1, 20};
  // Each moves up to 1 MiB: as much as a fast line carries.
  Rate blob_requests_per_address{100, 2'000};
  // A carrier's NAT has thousands of devices behind one address.
  std::size_t connections_per_address = 10'000;
};

inline constexpr std::uint32_t kProtocolVersion = 1;
// Requests of one connection whose answers wait for the disk. Sixty-four submissions of many envelopes each
// fill a 100 ms path.
inline constexpr std::size_t kMaxRequestsInFlight = 256;
inline constexpr DurationMs kRetryInFlight{100};
// Until the log has been recovered, or has what somebody asked for.
inline constexpr DurationMs kRetryLog = seconds(1);
// A client that does not authenticate holds memory for nothing, unless it asks about the log.
inline constexpr DurationMs kAuthenticationDeadline = seconds(60);
// A link takes two minutes to be joined and twelve to run; then a guest has nothing left to do.
inline constexpr DurationMs kGuestDeadline = minutes(15);
// Each costs a signature verification, and an honest client needs one.
inline constexpr std::uint32_t kMaxAuthenticationAttempts = 3;
// Refused tries at a recovery slot that an account is told of in a day: whoever knows a name can make them.
inline constexpr std::uint32_t kRecoveryRefusalsTold = 10;
// A peer that makes so many on one connection is broken or hostile.
inline constexpr std::uint32_t kMaxMistakes = 16;
// A registration with a full manifest has 45 KB; who is nobody yet should not occupy more.
inline constexpr std::size_t kMaxStrangerFrame = std::size_t{64} << 10;
// One account's devices, a group's members: a submission names each once.
inline constexpr int kMaxTargetsPerSubmit = 256;
inline constexpr std::uint32_t kMaxEnvelopesPerSubmit = 1024;
inline constexpr int kMaxDevicesPerTarget = 64;
// Pushes are cut into frames of about this size, so that an answer is never long behind them.
inline constexpr std::size_t kMaxPushFrameOctets = std::size_t{256} << 10;
// Below this many one-time pairs a device is asked for new ones.
inline constexpr std::uint32_t kPrekeysLow = 20;
// Clients spread their reconnects over this time after a restart.
inline constexpr DurationMs kReconnectSpread = seconds(5);
// Addresses and devices remembered at once, about 10 MB each; beyond it strangers share one allowance.
inline constexpr std::size_t kMaxAddresses = 100'000;
inline constexpr std::size_t kMaxDeviceAllowances = 200'000;
// By then every bucket is full again, so that forgetting changes nothing.
inline constexpr DurationMs kAllowanceMemory = minutes(10);
inline constexpr std::size_t kMaxSweptPerTick = 1'000;

}  // namespace sotto::server

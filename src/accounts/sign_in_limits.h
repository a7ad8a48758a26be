// Guessing a password through the server: the bounds, and the rule that makes pauses of failures
// (docs/specs/sign-in.md 3).
#pragma once

#include <algorithm>

#include "accounts/sign_in_record.h"
#include "clock/clock.h"

namespace sotto::accounts {

/// Failures that cost nothing, and the pause after the next one; each further one doubles it.
struct Patience {
  std::uint32_t failures;
  DurationMs first_pause;
};
/// A person mistypes a few times; ten guesses a day at a password of ten characters find nothing.
inline constexpr Patience kAccountPatience{9, minutes(15)};
/// An office or a carrier's NAT has many people behind one address; somebody who tries one password on many
/// accounts has one address too.
inline constexpr Patience kAddressPatience{99, minutes(1)};
inline constexpr DurationMs kLongestPause = hours(24);
/// After so long without a failure the ones before are forgotten. Not less than the longest pause.
inline constexpr DurationMs kFailuresRemembered = hours(24);
/// Handles and addresses with failures remembered at once, about 5 MB each; beyond it new ones are not
/// counted. Accounts with a password are counted in the store.
inline constexpr std::size_t kMaxFailuresRemembered = 65'536;
/// Accounts whose failures wait for the disk at once; beyond it sign-in has to wait too.
inline constexpr std::size_t kMaxUnsavedFailures = 65'536;
/// Older ones are of no use to anybody who would act on them.
inline constexpr DurationMs kNoticeKept = days(30);
inline constexpr std::size_t kMaxNotices = 64;

inline bool forgotten(const Failures& failures, UnixMs now) {
  return elapsed(failures.last, now) >= kFailuresRemembered;
}

/// How long from now until another try counts; zero: now. A clock that went back makes it longer.
inline DurationMs pause_left(const Failures& failures, const Patience& patience, UnixMs now) {
  if (failures.count <= patience.failures || forgotten(failures, now)) return {};
  const std::uint32_t doublings = std::min(failures.count - patience.failures - 1, 20U);
  const std::uint64_t pause = std::min(patience.first_pause.value << doublings, kLongestPause.value);
  const std::uint64_t gone = elapsed(failures.last, now).value;
  return {pause > gone ? pause - gone : 0};
}

inline Failures with_failure(const Failures& failures, UnixMs now) {
  const std::uint32_t before = forgotten(failures, now) ? 0 : failures.count;
  return {before + (before < 1'000'000 ? 1U : 0U), now};
}

}  // namespace sotto::accounts

// Every bound of this module, each with its reason (docs/specs/linking.md 4, 5).
#pragma once

#include "clock/clock.h"
#include "identity/grant_payload.h"
#include "identity/sealing.h"

namespace sotto::linking {

/// Long enough to walk to the other device and type; short enough that a code read off a photo is stale.
inline constexpr DurationMs kCodeLifetime = minutes(2);
/// From confirm to grant: the manifest has to be published in between, maybe over a slow connection.
inline constexpr DurationMs kGrantWait = minutes(10);
/// Three guesses a day in a million codes: a year of somebody asking for codes every day gives one in 900.
inline constexpr std::size_t kMaxFailures = 3;
inline constexpr DurationMs kPause = hours(24);
/// One message on the wire; the grant is the long one.
inline constexpr std::size_t kMaxLinkMessage = 64 * 1024;
inline constexpr std::size_t kMaxSealedGrant = identity::kMaxGrantPayload + identity::kSealOverhead;
static_assert(kMaxSealedGrant + 64 < kMaxLinkMessage);

}  // namespace sotto::linking

// Every bound of this module, each with its reason (docs/specs/identity.md 7).
#pragma once

#include <cstddef>

#include "clock/clock.h"

namespace sotto::identity {

/// A sender encrypts to every device; more would multiply every message of every contact.
inline constexpr std::size_t kMaxDevices = 16;
/// A name of 64 octets, padded and sealed, with room for a later sealing.
inline constexpr std::size_t kMaxSealedName = 256;
/// An account whose devices all went silent disappears from its contacts' trust within this time.
inline constexpr DurationMs kMaxManifestLifetime = days(35);
/// How long contacts still send after the expiry, with a warning: a device that was off for a week.
inline constexpr DurationMs kManifestGrace = days(7);
/// How far ahead of ours an honest clock may be.
inline constexpr DurationMs kMaxClockSkew = hours(48);
/// Device names as the user types them, UTF-8 octets.
inline constexpr std::size_t kMaxDeviceName = 64;
/// The statement that turns an account off has 107 octets.
inline constexpr std::size_t kMaxRetirement = 107;
/// DNS names are at most 253 octets; a port and brackets fit too.
inline constexpr std::size_t kMaxServerName = 280;
/// A server statement is renewed together with the TLS key at the latest after this time.
inline constexpr DurationMs kMaxStatementLifetime = days(3660);
/// Longest text form of any handle: an e-mail address (RFC 5321 4.5.3.1.3).
inline constexpr std::size_t kMaxHandle = 254;
/// What people may type before normalisation, which can shrink text to a fraction.
inline constexpr std::size_t kMaxHandleInput = 1024;
/// An armoured link file: a grant with 16 devices is 60 KiB of base64.
inline constexpr std::size_t kMaxArmor = 128 * 1024;

}  // namespace sotto::identity

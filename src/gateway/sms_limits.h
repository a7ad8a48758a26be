// Bounds of the gateway to telephone networks, each with its reason. docs/specs/gateway.md 5.
#pragma once

#include <cstddef>
#include <cstdint>

#include "clock/clock.h"

namespace sotto::gateway {

/// Parts of one text: some 1,500 characters, more than anybody reads on such a phone. Kannel's own bound
/// (max-messages) must not be lower, for it cuts.
inline constexpr std::size_t kMaxSmsParts = 10;
/// Octets of a text in UTF-8: kMaxSmsParts with 153 characters of up to 3 octets, and some.
inline constexpr std::size_t kMaxSmsOctets = 5'000;
/// A name in an introduction: the longest handle that is no address.
inline constexpr std::size_t kMaxIntroducedName = 64;
/// Numbers that answers can come back to. One is somebody's towards each recipient.
inline constexpr std::size_t kMaxNumbers = 64;
/// E.164 with its plus.
inline constexpr std::size_t kMaxNumberOctets = 16;
/// Texts and routes remembered at once, some 20 MB each at most.
inline constexpr std::size_t kMaxTexts = 65'536;
inline constexpr std::size_t kMaxRoutes = 65'536;
/// Texts that the sender works on at once; more wait in their order.
inline constexpr std::size_t kMaxInHands = 64;
/// How long a text is tried to be handed over; by then whoever wrote it has found another way.
inline constexpr DurationMs kHandOverTime = hours(24);
/// How long reports count, and what was sent is remembered: carriers keep trying for two days.
inline constexpr DurationMs kTextKept = hours(72);
/// After the last text in either direction a number is free for somebody else's texts to that recipient.
inline constexpr DurationMs kRouteKept = days(90);
/// A route's time is written again when it is older than that: not with every text.
inline constexpr DurationMs kRouteTouched = days(1);
/// What waits is looked at again after a failure of storage or of a mailbox.
inline constexpr DurationMs kSmsRetry = seconds(30);
/// Of an incoming text that is longer the rest is cut.
inline constexpr std::size_t kMaxIncomingOctets = kMaxSmsOctets;

}  // namespace sotto::gateway

// Days and times as people type them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clock/clock.h"

namespace sotto::cli {

inline constexpr std::string_view kMomentHelp =
    "this is no day or time; write 2026-03-01 or 2026-03-01T09:30";

/// The beginning of a day or minute where this machine is. Empty for anything else, and for days that the
/// calendar does not have.
std::optional<UnixMs> parse_moment(const std::string& text);

/// The same, of the day or minute after it.
std::optional<UnixMs> parse_end_moment(const std::string& text);

}  // namespace sotto::cli

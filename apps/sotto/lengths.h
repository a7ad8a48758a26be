// Lengths of time as people type them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clock/clock.h"

namespace sotto::cli {

inline constexpr std::string_view kLengthHelp =
    "this is no length of time; write 30s, 10m, 8h, 7d, 4w, or off";

/// A number and s, m, h, d or w; "off" is zero. Empty for anything else, and for more than ten years.
std::optional<DurationMs> parse_length(const std::string& text);

}  // namespace sotto::cli

// Hours of the week as people write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "families/policy.h"

namespace sotto::client {

/// "mon-fri 15:00-20:00, sat 09:00-21:00" in the order of the week; empty for anything else, and for hours
/// that run into each other.
std::optional<std::vector<families::Window>> parse_hours(std::string_view text);
/// "+02:00" in minutes.
std::optional<int> parse_offset(std::string_view text);

}  // namespace sotto::client

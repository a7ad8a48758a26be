// Every domain separation label of this module (docs/specs/groups.md 9).
#pragma once

#include <string_view>

namespace sotto::groups::label {

inline constexpr std::string_view kOperation = "grp-op";
inline constexpr std::string_view kGroupId = "grp-id";
inline constexpr std::string_view kRoster = "grp-roster";
inline constexpr std::string_view kLinkRequest = "grp-request";

}  // namespace sotto::groups::label

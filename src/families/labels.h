// Every domain separation label of this module (docs/specs/families.md 2).
#pragma once

#include <string_view>

namespace sotto::families::label {

inline constexpr std::string_view kPolicy = "fam-policy";

}  // namespace sotto::families::label

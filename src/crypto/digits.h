// Six decimal digits that one person reads and another types.
#pragma once

#include <optional>
#include <string_view>

#include "bytes/bytes.h"
#include "crypto/random.h"

namespace sotto::crypto {

inline constexpr std::size_t kCodeDigits = 6;
/// As ASCII. Whoever keeps a secret in them wipes them.
using CodeDigits = ByteArray<kCodeDigits>;

/// Each of the million equally likely.
CodeDigits random_digits(RandomSource& random);
/// What people type: six digits with blanks and hyphens anywhere. Empty for anything else.
std::optional<CodeDigits> typed_digits(std::string_view typed);

}  // namespace sotto::crypto

// What is told when somebody's account shows another identity key (docs/specs/verification.md 3).
#pragma once

#include <string_view>

namespace sotto::client {

inline constexpr std::string_view kChangedKey =
    "the account's identity key is another one than before: either they began anew with all devices, or "
    "somebody pretends to be them. What you write is kept and goes nowhere until you decide: ask them in "
    "another "
    "way; then accept the new key with `sotto contact accept` or scan its QR code with `sotto verify --scan`";

}  // namespace sotto::client

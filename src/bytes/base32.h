// Base32 text form of octet strings (RFC 4648 section 6, without padding; upper case on output, either case
// on input): for what people read aloud, type or scan. Wipes nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bytes/bytes.h"

namespace sotto {

inline constexpr std::string_view kBase32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The value of one character, 0 to 31; empty for any other character.
std::optional<std::uint8_t> base32_value(char c);

/// ceil(8 * bytes.size() / 5) characters; the unused bits of the last one are zero.
std::string to_base32(ByteView bytes);

/// Empty on a foreign character, a length that no octet string has, or an unused bit that is set: equal
/// octets have one text form but for case.
std::optional<Bytes> from_base32(std::string_view text);

}  // namespace sotto

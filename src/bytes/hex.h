// Hexadecimal text form of octet strings (RFC 4648 section 8, lower case on output, either case on input).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bytes/bytes.h"

namespace sotto {

std::string to_hex(ByteView bytes);

/// Empty on an odd length or any character outside [0-9a-fA-F].
std::optional<Bytes> from_hex(std::string_view text);

}  // namespace sotto

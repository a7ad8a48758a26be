// Host names in other scripts than the Latin one, as they stand in links (RFC 3492).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sotto::client {

/// Of one label of a host name (RFC 1035 2.3.4); what is encoded in so many octets has fewer.
inline constexpr std::size_t kMaxLabel = 63;

/// What stands after "xn--" in a label, decoded (RFC 3492 6.2). Empty for what no encoder makes: a wrong
/// digit, a code point that is none, a label that is too long.
std::optional<std::u32string> decode_punycode(std::string_view text);

}  // namespace sotto::client

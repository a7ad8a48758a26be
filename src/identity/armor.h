// Text form of link files: base64 (RFC 4648 4) between BEGIN and END lines, so that they survive mail and
// chat.
#pragma once

#include <string>
#include <string_view>

#include "bytes/bytes.h"
#include "identity/error.h"

namespace sotto::identity {

inline constexpr std::string_view kLinkRequestArmor = "SOTTO LINK REQUEST";
inline constexpr std::string_view kLinkGrantArmor = "SOTTO LINK GRANT";

/// "-----BEGIN kind-----", lines of 64 characters, "-----END kind-----", each ended by a line feed.
std::string armor(std::string_view kind, ByteView octets);

/// Text before and after the block is ignored, so are carriage returns and blanks at line ends. Everything
/// else, wrong padding and non-zero unused bits included, is refused. Errors: malformed (also when longer
/// than kMaxArmor).
IdentityResult<Bytes> dearmor(std::string_view kind, std::string_view text);

}  // namespace sotto::identity

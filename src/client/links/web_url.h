// Addresses of the web as a program asks for them: split, and put together with what a page or an answer
// refers to. Total: whatever does not fit the strict form here is no address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sotto::client {

/// Browsers and servers agree on about that.
inline constexpr std::size_t kMaxWebUrl = 2048;

struct WebUrl {
  bool secure = false;
  std::string host;  ///< a name or a literal address, without brackets
  std::uint16_t port = 0;
  std::string target;  ///< path and query; begins with "/"
};

/// http:// or https://, printable ASCII, without user name and fragment.
std::optional<WebUrl> parse_web_url(std::string_view url);
/// The address that `reference` stands for in what came from `base` (RFC 3986 5.2, dots in paths left to the
/// server). Whether it is one says parse_web_url. Precondition: parse_web_url(base).
std::string resolve_reference(std::string_view base, std::string_view reference);

}  // namespace sotto::client

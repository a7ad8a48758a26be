// What a page of the web says of itself in its head: no parser of HTML but a scanner that finds `title` and
// `meta` and is total, linear and bounded, for octets of anybody (docs/decisions/0007-link-previews.md).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "client/conversations/text_rules.h"

namespace sotto::client {

/// Pages say what they are at their beginning.
inline constexpr std::size_t kMaxScanned = std::size_t{512} << 10;

struct PageFacts {
  std::string title;  ///< one line as content.md 2 has it; empty: none
  std::string description;
  std::string picture;  ///< reference to one, as the page writes it
};

/// What the page says for this purpose (Open Graph) goes before what it says for cards and for search
/// engines.
PageFacts scan_page(std::string_view html);

/// A line of what may be no UTF-8 and have entities and breaks in it: at most `limit` octets, empty if
/// nothing is left.
std::string line_of(std::string_view markup, std::size_t limit = kMaxLine);

}  // namespace sotto::client

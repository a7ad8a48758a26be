#include "session/padding.h"

#include <algorithm>
#include <bit>

namespace sotto::session {

std::size_t padme(std::size_t length) {
  const auto e = static_cast<std::size_t>(std::bit_width(length)) - 1;
  const auto s = static_cast<std::size_t>(std::bit_width(e));
  const std::size_t mask = (std::size_t{1} << (e - s)) - 1;
  return (length + mask) & ~mask;
}

std::size_t padded_size(std::size_t inner) { return std::max(kMinPadded, padme(4 + inner)); }

bool is_padded_size(std::size_t total) { return total >= kMinPadded && padme(total) == total; }

}  // namespace sotto::session

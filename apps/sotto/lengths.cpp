#include "lengths.h"

#include <charconv>

namespace sotto::cli {

std::optional<DurationMs> parse_length(const std::string& text) {
  if (text == "off") return DurationMs{};
  if (text.size() < 2) return std::nullopt;
  std::uint64_t count = 0;
  const char* const unit = text.data() + text.size() - 1;
  const auto [end, failure] = std::from_chars(text.data(), unit, count);
  if (failure != std::errc() || end != unit) {
    return std::nullopt;
  }
  DurationMs one;
  switch (*unit) {
    case 's': one = seconds(1); break;
    case 'm': one = minutes(1); break;
    case 'h': one = hours(1); break;
    case 'd': one = days(1); break;
    case 'w': one = days(7); break;
    default: return std::nullopt;
  }
  if (count > days(3653).value / one.value) return std::nullopt;
  return DurationMs{count * one.value};
}

}  // namespace sotto::cli

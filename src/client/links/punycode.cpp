#include "client/links/punycode.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace sotto::client {
namespace {

// RFC 3492 5.
constexpr std::uint32_t kBase = 36;
constexpr std::uint32_t kTMin = 1;
constexpr std::uint32_t kTMax = 26;
constexpr std::uint32_t kSkew = 38;
constexpr std::uint32_t kDamp = 700;
constexpr std::uint32_t kInitialBias = 72;
constexpr std::uint32_t kInitialPoint = 0x80;
constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();

std::optional<std::uint32_t> digit_of(char c) {
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a');
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0') + 26;
  return std::nullopt;
}

std::uint32_t adapt(std::uint32_t delta, std::uint32_t points, bool first) {
  delta = first ? delta / kDamp : delta / 2;
  delta += delta / points;
  std::uint32_t k = 0;
  for (; delta > (kBase - kTMin) * kTMax / 2; k += kBase) delta /= kBase - kTMin;
  return k + (kBase - kTMin + 1) * delta / (delta + kSkew);
}

/// A number of variable length from `at`, added to `sum`; false where there is none, or it is too large.
bool add_number(std::string_view text, std::size_t& at, std::uint32_t bias, std::uint32_t& sum) {
  std::uint32_t weight = 1;
  for (std::uint32_t k = kBase;; k += kBase) {
    const auto digit = at < text.size() ? digit_of(text[at++]) : std::nullopt;
    if (!digit || *digit > (kMost - sum) / weight) return false;
    sum += *digit * weight;
    const std::uint32_t threshold = std::clamp(k, bias + kTMin, bias + kTMax) - bias;
    if (*digit < threshold) return true;
    if (weight > kMost / (kBase - threshold)) return false;
    weight *= kBase - threshold;
  }
}

bool is_point(std::uint32_t point) {
  return point >= kInitialPoint && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

}  // namespace

std::optional<std::u32string> decode_punycode(std::string_view text) {
  if (text.empty() || text.size() > kMaxLabel) return std::nullopt;
  std::u32string out;
  const std::size_t delimiter = text.rfind('-');
  std::size_t at = 0;
  if (delimiter != std::string_view::npos && delimiter > 0) {
    for (const char c : text.substr(0, delimiter)) {
      if (static_cast<unsigned char>(c) >= kInitialPoint) return std::nullopt;
      out.push_back(static_cast<unsigned char>(c));
    }
    at = delimiter + 1;
  }
  std::uint32_t point = kInitialPoint;
  std::uint32_t bias = kInitialBias;
  for (std::uint32_t place = 0; at < text.size(); ++place) {
    const std::uint32_t before = place;
    if (!add_number(text, at, bias, place)) return std::nullopt;
    const auto points = static_cast<std::uint32_t>(out.size()) + 1;
    bias = adapt(place - before, points, before == 0);
    if (place / points > kMost - point) return std::nullopt;
    point += place / points;
    place %= points;
    if (!is_point(point)) return std::nullopt;
    out.insert(place, 1, static_cast<char32_t>(point));
  }
  return out;
}

}  // namespace sotto::client

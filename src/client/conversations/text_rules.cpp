#include "client/conversations/text_rules.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "bytes/hex.h"
#include "identity/ids.h"

namespace sotto::client {
namespace {

std::optional<std::vector<std::uint32_t>> points_of(std::string_view text) {
  std::vector<std::uint32_t> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto point = next_point(text, at);
    if (!point) return std::nullopt;
    out.push_back(*point);
  }
  return out;
}

bool starts_point(std::string_view text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80U;
}

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

/// Blocks in which Emoji=Yes characters of Unicode stand. Whole blocks: a symbol more does no harm, and new
/// emoji of later versions come in the last ones.
constexpr std::array kEmojiBlocks = {
    Range{0xa9, 0xa9},     Range{0xae, 0xae},       Range{0x203c, 0x203c}, Range{0x2049, 0x2049},
    Range{0x2122, 0x2122}, Range{0x2139, 0x2139},   Range{0x2194, 0x21aa}, Range{0x231a, 0x23ff},
    Range{0x24c2, 0x24c2}, Range{0x25aa, 0x25fe},   Range{0x2600, 0x27bf}, Range{0x2934, 0x2935},
    Range{0x2b05, 0x2b55}, Range{0x3030, 0x3030},   Range{0x303d, 0x303d}, Range{0x3297, 0x3297},
    Range{0x3299, 0x3299}, Range{0x1f000, 0x1faff},
};
constexpr std::uint32_t kJoiner = 0x200d;
constexpr std::uint32_t kEmojiStyle = 0xfe0f;
constexpr std::uint32_t kKeycap = 0x20e3;

bool is_in(std::uint32_t point, std::uint32_t first, std::uint32_t last) {
  return point >= first && point <= last;
}
bool is_regional(std::uint32_t point) { return is_in(point, 0x1f1e6, 0x1f1ff); }
bool is_skin(std::uint32_t point) { return is_in(point, 0x1f3fb, 0x1f3ff); }
bool is_symbol(std::uint32_t point) {
  return std::any_of(kEmojiBlocks.begin(), kEmojiBlocks.end(),
                     [point](const Range& block) { return is_in(point, block.first, block.last); });
}

using Points = std::vector<std::uint32_t>;

/// "1" and U+20E3: the only emoji that begin with an ordinary character.
bool is_keycap(const Points& points) {
  if (points.size() < 2 || points.size() > 3 || points.back() != kKeycap) return false;
  if (points.size() == 3 && points[1] != kEmojiStyle) return false;
  return is_in(points[0], '0', '9') || points[0] == '#' || points[0] == '*';
}

/// emoji_character (modifier | FE0F | tags)?, from `at`; where it ends, or `at` if there is none.
std::size_t element_end(const Points& points, std::size_t at) {
  if (at == points.size() || !is_symbol(points[at]) || is_regional(points[at])) return at;
  ++at;
  if (at < points.size() && (is_skin(points[at]) || points[at] == kEmojiStyle)) ++at;
  const std::size_t tags = at;
  while (at < points.size() && is_in(points[at], 0xe0020, 0xe007e)) ++at;
  if (at == tags) return at;
  return at < points.size() && points[at] == 0xe007f ? at + 1 : points.size() + 1;
}

}  // namespace

std::optional<std::uint32_t> next_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length == 0 || text.size() - at < length) return std::nullopt;
  std::uint32_t point = length == 1 ? lead : lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xc0U) != 0x80U) return std::nullopt;
    point = point << 6U | (next & 0x3fU);
  }
  if ((length == 3 && point < 0x800) || (length == 4 && (point < 0x10000 || point > 0x10ffff)))
    return std::nullopt;
  if (point >= 0xd800 && point <= 0xdfff) return std::nullopt;
  at += length;
  return point;
}

void append_point(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t octet) { out.push_back(static_cast<char>(octet)); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xc0U | point >> 6U);
  } else {
    if (point < 0x10000) {
      put(0xe0U | point >> 12U);
    } else {
      put(0xf0U | point >> 18U);
      put(0x80U | (point >> 12U & 0x3fU));
    }
    put(0x80U | (point >> 6U & 0x3fU));
  }
  put(0x80U | (point & 0x3fU));
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (!next_point(text, at)) return false;
  }
  return true;
}

bool is_line(std::string_view text, std::size_t limit) {
  if (text.empty() || text.size() > limit) return false;
  for (std::size_t at = 0; at < text.size();) {
    const auto point = next_point(text, at);
    if (!point || *point < 0x20 || is_in(*point, 0x7f, 0x9f)) return false;
  }
  return true;
}

bool is_emoji(std::string_view text) {
  if (text.empty() || text.size() > kMaxEmoji) return false;
  const auto points = points_of(text);
  if (!points) return false;
  if (is_keycap(*points)) return true;
  if (points->size() == 2 && is_regional((*points)[0])) return is_regional((*points)[1]);
  std::size_t at = 0;
  for (;;) {
    const std::size_t end = element_end(*points, at);
    if (end == at || end > points->size()) return false;
    if (end == points->size()) return true;
    if ((*points)[end] != kJoiner) return false;
    at = end + 1;
  }
}

bool is_span(const v1::Span& span, std::string_view text) {
  const std::size_t start = span.start();
  const std::size_t length = span.length();
  if (length == 0 || start > text.size() || length > text.size() - start) return false;
  if (!starts_point(text, start) || !starts_point(text, start + length)) return false;
  if (span.style() != v1::Span::MENTION) return span.mention().empty();
  const auto account = from_hex(span.mention());
  return account && account->size() == identity::AccountId::kSize && to_hex(*account) == span.mention();
}

void keep_sound_spans(v1::Text& text) {
  google::protobuf::RepeatedPtrField<v1::Span> kept;
  for (const auto& span : text.spans()) {
    if (kept.size() < kMaxSpans && is_span(span, text.body())) *kept.Add() = span;
  }
  text.mutable_spans()->Swap(&kept);
}

bool is_app_name(std::string_view text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
  return !text.empty() && text.size() <= kMaxAppName &&
         kLetters.find(text.front()) != std::string_view::npos && std::ranges::all_of(text, [](char sign) {
           return (sign >= 'a' && sign <= 'z') || (sign >= '0' && sign <= '9') || sign == '-';
         });
}

std::string_view excerpt(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && !starts_point(text, limit)) --limit;
  return text.substr(0, limit);
}

}  // namespace sotto::client

#include "client/links/look_alike.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "client/conversations/text_rules.h"

namespace sotto::client {
namespace {

enum class Script : std::uint8_t {
  odd,  ///< nothing that a name has
  common,
  latin,
  greek,
  cyrillic,
  armenian,
  georgian,
  cherokee,
  han,
  kana,
  bopomofo,
  hangul,
  other,  ///< looks like none of them; each block for itself
};

struct Block {
  char32_t first;
  char32_t last;
  Script script;
};

/// Ascending. Letters, their marks and digits.
constexpr std::array kBlocks = {
    Block{U'-', U'.', Script::common},       Block{U'0', U'9', Script::common},
    Block{U'A', U'Z', Script::latin},        Block{U'_', U'_', Script::common},
    Block{U'a', U'z', Script::latin},        Block{0xb7, 0xb7, Script::common},
    Block{0xc0, 0xd6, Script::latin},        Block{0xd8, 0xf6, Script::latin},
    Block{0xf8, 0x2af, Script::latin},       Block{0x300, 0x34e, Script::common},
    Block{0x350, 0x36f, Script::common},     Block{0x370, 0x3ff, Script::greek},
    Block{0x400, 0x52f, Script::cyrillic},   Block{0x531, 0x587, Script::armenian},
    Block{0x591, 0x5f4, Script::other},      Block{0x620, 0x669, Script::other},
    Block{0x66e, 0x6ff, Script::other},      Block{0x710, 0x74f, Script::other},
    Block{0x750, 0x77f, Script::other},      Block{0x780, 0x7bf, Script::other},
    Block{0x7c0, 0x7fa, Script::other},      Block{0x8a0, 0x8ff, Script::other},
    Block{0x900, 0x97f, Script::other},      Block{0x980, 0x9ff, Script::other},
    Block{0xa00, 0xa7f, Script::other},      Block{0xa80, 0xaff, Script::other},
    Block{0xb00, 0xb7f, Script::other},      Block{0xb80, 0xbff, Script::other},
    Block{0xc00, 0xc7f, Script::other},      Block{0xc80, 0xcff, Script::other},
    Block{0xd00, 0xd7f, Script::other},      Block{0xd80, 0xdff, Script::other},
    Block{0xe00, 0xe7f, Script::other},      Block{0xe80, 0xeff, Script::other},
    Block{0xf00, 0xfff, Script::other},      Block{0x1000, 0x109f, Script::other},
    Block{0x10a0, 0x10ff, Script::georgian}, Block{0x1100, 0x115e, Script::hangul},
    Block{0x1161, 0x11ff, Script::hangul},   Block{0x1200, 0x139f, Script::other},
    Block{0x13a0, 0x13fd, Script::cherokee}, Block{0x1780, 0x17b3, Script::other},
    Block{0x17b6, 0x17ff, Script::other},    Block{0x1820, 0x18aa, Script::other},
    Block{0x1e00, 0x1eff, Script::latin},    Block{0x1f00, 0x1fff, Script::greek},
    Block{0x2c60, 0x2c7f, Script::latin},    Block{0x2d00, 0x2d2d, Script::georgian},
    Block{0x2de0, 0x2dff, Script::cyrillic}, Block{0x3005, 0x3007, Script::han},
    Block{0x3041, 0x30ff, Script::kana},     Block{0x3105, 0x312f, Script::bopomofo},
    Block{0x3131, 0x3163, Script::hangul},   Block{0x3165, 0x318e, Script::hangul},
    Block{0x31a0, 0x31bf, Script::bopomofo}, Block{0x31f0, 0x31ff, Script::kana},
    Block{0x3400, 0x4dbf, Script::han},      Block{0x4e00, 0x9fff, Script::han},
    Block{0xa640, 0xa69f, Script::cyrillic}, Block{0xa720, 0xa7ff, Script::latin},
    Block{0xab70, 0xabbf, Script::cherokee}, Block{0xac00, 0xd7a3, Script::hangul},
    Block{0x20000, 0x3134f, Script::han},
};

const Block* block_of(char32_t point) {
  const auto after = std::ranges::upper_bound(kBlocks, point, {}, &Block::first);
  if (after == kBlocks.begin()) return nullptr;
  const Block& block = *(after - 1);
  return point <= block.last ? &block : nullptr;
}

struct Likeness {
  char32_t first;
  char32_t last;
  char as;
};

/// Ascending. What a reader who expects a Latin letter takes for it; upper case like lower case.
constexpr std::array kLikenesses = {
    Likeness{0xc0, 0xc5, 'a'},     Likeness{0xc7, 0xc7, 'c'},     Likeness{0xc8, 0xcb, 'e'},
    Likeness{0xcc, 0xcf, 'i'},     Likeness{0xd1, 0xd1, 'n'},     Likeness{0xd2, 0xd6, 'o'},
    Likeness{0xd8, 0xd8, 'o'},     Likeness{0xd9, 0xdc, 'u'},     Likeness{0xdd, 0xdd, 'y'},
    Likeness{0xe0, 0xe5, 'a'},     Likeness{0xe7, 0xe7, 'c'},     Likeness{0xe8, 0xeb, 'e'},
    Likeness{0xec, 0xef, 'i'},     Likeness{0xf1, 0xf1, 'n'},     Likeness{0xf2, 0xf6, 'o'},
    Likeness{0xf8, 0xf8, 'o'},     Likeness{0xf9, 0xfc, 'u'},     Likeness{0xfd, 0xfd, 'y'},
    Likeness{0xff, 0xff, 'y'},     Likeness{0x100, 0x105, 'a'},   Likeness{0x106, 0x10d, 'c'},
    Likeness{0x10e, 0x111, 'd'},   Likeness{0x112, 0x11b, 'e'},   Likeness{0x11c, 0x123, 'g'},
    Likeness{0x124, 0x127, 'h'},   Likeness{0x128, 0x131, 'i'},   Likeness{0x134, 0x135, 'j'},
    Likeness{0x136, 0x138, 'k'},   Likeness{0x139, 0x142, 'l'},   Likeness{0x143, 0x14b, 'n'},
    Likeness{0x14c, 0x151, 'o'},   Likeness{0x154, 0x159, 'r'},   Likeness{0x15a, 0x161, 's'},
    Likeness{0x162, 0x167, 't'},   Likeness{0x168, 0x173, 'u'},   Likeness{0x174, 0x175, 'w'},
    Likeness{0x176, 0x178, 'y'},   Likeness{0x179, 0x17e, 'z'},   Likeness{0x17f, 0x17f, 'f'},
    Likeness{0x1a0, 0x1a1, 'o'},   Likeness{0x1af, 0x1b0, 'u'},   Likeness{0x1cd, 0x1ce, 'a'},
    Likeness{0x1cf, 0x1d0, 'i'},   Likeness{0x1d1, 0x1d2, 'o'},   Likeness{0x1d3, 0x1dc, 'u'},
    Likeness{0x218, 0x219, 's'},   Likeness{0x21a, 0x21b, 't'},   Likeness{0x237, 0x237, 'j'},
    Likeness{0x251, 0x251, 'a'},   Likeness{0x261, 0x261, 'g'},   Likeness{0x269, 0x26a, 'i'},
    Likeness{0x28b, 0x28b, 'v'},   Likeness{0x391, 0x391, 'a'},   Likeness{0x392, 0x392, 'b'},
    Likeness{0x395, 0x395, 'e'},   Likeness{0x396, 0x396, 'z'},   Likeness{0x397, 0x397, 'h'},
    Likeness{0x399, 0x399, 'i'},   Likeness{0x39a, 0x39a, 'k'},   Likeness{0x39c, 0x39c, 'm'},
    Likeness{0x39d, 0x39d, 'n'},   Likeness{0x39f, 0x39f, 'o'},   Likeness{0x3a1, 0x3a1, 'p'},
    Likeness{0x3a4, 0x3a4, 't'},   Likeness{0x3a5, 0x3a5, 'y'},   Likeness{0x3a7, 0x3a7, 'x'},
    Likeness{0x3ac, 0x3ac, 'a'},   Likeness{0x3ad, 0x3ad, 'e'},   Likeness{0x3ae, 0x3ae, 'n'},
    Likeness{0x3af, 0x3af, 'i'},   Likeness{0x3b1, 0x3b1, 'a'},   Likeness{0x3b2, 0x3b2, 'b'},
    Likeness{0x3b3, 0x3b3, 'y'},   Likeness{0x3b5, 0x3b5, 'e'},   Likeness{0x3b7, 0x3b7, 'n'},
    Likeness{0x3b9, 0x3b9, 'i'},   Likeness{0x3ba, 0x3ba, 'k'},   Likeness{0x3bc, 0x3bc, 'u'},
    Likeness{0x3bd, 0x3bd, 'v'},   Likeness{0x3bf, 0x3bf, 'o'},   Likeness{0x3c1, 0x3c1, 'p'},
    Likeness{0x3c3, 0x3c3, 'o'},   Likeness{0x3c4, 0x3c4, 't'},   Likeness{0x3c5, 0x3c5, 'u'},
    Likeness{0x3c7, 0x3c7, 'x'},   Likeness{0x3c9, 0x3c9, 'w'},   Likeness{0x3cc, 0x3cc, 'o'},
    Likeness{0x3f2, 0x3f2, 'c'},   Likeness{0x3f3, 0x3f3, 'j'},   Likeness{0x401, 0x401, 'e'},
    Likeness{0x405, 0x405, 's'},   Likeness{0x406, 0x407, 'i'},   Likeness{0x408, 0x408, 'j'},
    Likeness{0x410, 0x410, 'a'},   Likeness{0x412, 0x412, 'b'},   Likeness{0x415, 0x415, 'e'},
    Likeness{0x41a, 0x41a, 'k'},   Likeness{0x41c, 0x41c, 'm'},   Likeness{0x41d, 0x41d, 'h'},
    Likeness{0x41e, 0x41e, 'o'},   Likeness{0x420, 0x420, 'p'},   Likeness{0x421, 0x421, 'c'},
    Likeness{0x422, 0x422, 't'},   Likeness{0x423, 0x423, 'y'},   Likeness{0x425, 0x425, 'x'},
    Likeness{0x42c, 0x42c, 'b'},   Likeness{0x430, 0x430, 'a'},   Likeness{0x432, 0x432, 'b'},
    Likeness{0x433, 0x433, 'r'},   Likeness{0x435, 0x435, 'e'},   Likeness{0x43a, 0x43a, 'k'},
    Likeness{0x43c, 0x43c, 'm'},   Likeness{0x43d, 0x43d, 'h'},   Likeness{0x43e, 0x43e, 'o'},
    Likeness{0x43f, 0x43f, 'n'},   Likeness{0x440, 0x440, 'p'},   Likeness{0x441, 0x441, 'c'},
    Likeness{0x442, 0x442, 't'},   Likeness{0x443, 0x443, 'y'},   Likeness{0x445, 0x445, 'x'},
    Likeness{0x44c, 0x44c, 'b'},   Likeness{0x451, 0x451, 'e'},   Likeness{0x454, 0x454, 'e'},
    Likeness{0x455, 0x455, 's'},   Likeness{0x456, 0x457, 'i'},   Likeness{0x458, 0x458, 'j'},
    Likeness{0x475, 0x475, 'v'},   Likeness{0x491, 0x491, 'r'},   Likeness{0x4ae, 0x4af, 'y'},
    Likeness{0x4bb, 0x4bb, 'h'},   Likeness{0x4bd, 0x4bd, 'e'},   Likeness{0x4c0, 0x4c0, 'l'},
    Likeness{0x4cf, 0x4cf, 'l'},   Likeness{0x501, 0x501, 'd'},   Likeness{0x50d, 0x50d, 'g'},
    Likeness{0x51b, 0x51b, 'q'},   Likeness{0x51d, 0x51d, 'w'},   Likeness{0x566, 0x566, 'q'},
    Likeness{0x570, 0x570, 'h'},   Likeness{0x575, 0x575, 'j'},   Likeness{0x578, 0x578, 'n'},
    Likeness{0x57d, 0x57d, 'u'},   Likeness{0x581, 0x581, 'g'},   Likeness{0x585, 0x585, 'o'},
    Likeness{0x5e1, 0x5e1, 'o'},   Likeness{0x10e7, 0x10e7, 'y'}, Likeness{0x1e00, 0x1e01, 'a'},
    Likeness{0x1e02, 0x1e07, 'b'}, Likeness{0x1e08, 0x1e09, 'c'}, Likeness{0x1e0a, 0x1e13, 'd'},
    Likeness{0x1e14, 0x1e1d, 'e'}, Likeness{0x1e1e, 0x1e1f, 'f'}, Likeness{0x1e20, 0x1e21, 'g'},
    Likeness{0x1e22, 0x1e2b, 'h'}, Likeness{0x1e2c, 0x1e2f, 'i'}, Likeness{0x1e30, 0x1e35, 'k'},
    Likeness{0x1e36, 0x1e3d, 'l'}, Likeness{0x1e3e, 0x1e43, 'm'}, Likeness{0x1e44, 0x1e4b, 'n'},
    Likeness{0x1e4c, 0x1e53, 'o'}, Likeness{0x1e54, 0x1e57, 'p'}, Likeness{0x1e58, 0x1e5f, 'r'},
    Likeness{0x1e60, 0x1e69, 's'}, Likeness{0x1e6a, 0x1e71, 't'}, Likeness{0x1e72, 0x1e7b, 'u'},
    Likeness{0x1e7c, 0x1e7f, 'v'}, Likeness{0x1e80, 0x1e89, 'w'}, Likeness{0x1e8a, 0x1e8d, 'x'},
    Likeness{0x1e8e, 0x1e8f, 'y'}, Likeness{0x1e90, 0x1e95, 'z'}, Likeness{0x1ea0, 0x1eb7, 'a'},
    Likeness{0x1eb8, 0x1ec7, 'e'}, Likeness{0x1ec8, 0x1ecb, 'i'}, Likeness{0x1ecc, 0x1ee3, 'o'},
    Likeness{0x1ee4, 0x1ef1, 'u'}, Likeness{0x1ef2, 0x1ef9, 'y'},
};

constexpr char32_t kFullWidth = 0xfee0;  ///< between ASCII and its wide forms

bool is_mark(char32_t point) { return point >= 0x300 && point <= 0x36f; }

/// An ASCII letter as it looks: the thin strokes are one, the rings too.
char looks(char32_t point) {
  if (point >= U'A' && point <= U'Z') point += U'a' - U'A';
  if (point == U'0') return 'o';
  if (point == U'1' || point == U'i' || point == U'|') return 'l';
  return static_cast<char>(point);
}

void append_looks(std::string& out, char32_t point) {
  if (point > 0xff00 && point < 0xff5f) point -= kFullWidth;
  if (is_mark(point)) return;
  if (point >= 0x80) {
    const auto after = std::ranges::upper_bound(kLikenesses, point, {}, &Likeness::first);
    if (after == kLikenesses.begin() || point > (after - 1)->last) return append_point(out, point);
    point = static_cast<char32_t>((after - 1)->as);
  }
  const char shown = looks(point);
  // Two letters that touch.
  if (shown == 'n' && out.ends_with('r')) {
    out.back() = 'm';
  } else if (shown == 'v' && out.ends_with('v')) {
    out.back() = 'w';
  } else {
    out.push_back(shown);
  }
}

}  // namespace

bool mixes_scripts(std::u32string_view label) {
  constexpr auto bit = [](Script script) { return 1U << static_cast<unsigned>(script); };
  constexpr unsigned kJapanese = bit(Script::latin) | bit(Script::han) | bit(Script::kana);
  constexpr unsigned kChinese = bit(Script::latin) | bit(Script::han) | bit(Script::bopomofo);
  constexpr unsigned kKorean = bit(Script::latin) | bit(Script::han) | bit(Script::hangul);
  unsigned scripts = 0;
  const Block* other = nullptr;
  for (const char32_t point : label) {
    const Block* block = block_of(point);
    if (block == nullptr || block->script == Script::common) continue;
    if (block->script == Script::other) {
      if (other != nullptr && other != block) return true;
      other = block;
    }
    scripts |= bit(block->script);
  }
  if ((scripts & (scripts - 1)) == 0) return false;
  return (scripts & ~kJapanese) != 0 && (scripts & ~kChinese) != 0 && (scripts & ~kKorean) != 0;
}

bool has_foreign_letter(std::u32string_view label) {
  return std::ranges::any_of(label, [](char32_t point) {
    const Block* block = block_of(point);
    return block != nullptr && block->script > Script::latin;
  });
}

bool is_odd(char32_t point) { return block_of(point) == nullptr; }

std::string skeleton(std::string_view name) {
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    const auto point = next_point(name, at);
    if (!point) break;
    append_looks(out, *point);
  }
  return out;
}

}  // namespace sotto::client

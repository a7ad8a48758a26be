// ISO/IEC 15948: chunks. Kept: those that say what is shown, also animated. Left out: text, times, Exif (but
// for how the camera was held), chunks of programs, and whatever lies behind the end.
#include <algorithm>
#include <array>

#include "picture_metadata/formats.h"

namespace sotto::picture_metadata {
namespace {

constexpr std::size_t kSignatureOctets = 8;
constexpr std::array<std::string_view, 19> kKept = {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA",
                                                    "iCCP", "sBIT", "sRGB", "bKGD", "hIST", "pHYs", "cICP",
                                                    "acTL", "fcTL", "fdAT", "mDCV", "cLLI"};

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? 0xedb88320U ^ (value >> 1) : value >> 1;
    table.at(i) = value;
  }
  return table;
}
constexpr auto kTable = make_table();

/// ISO/IEC 15948 annex D.
std::uint32_t checksum(ByteView octets) {
  std::uint32_t value = 0xffffffffU;
  for (const std::uint8_t octet : octets) value = kTable[(value ^ octet) & 0xff] ^ (value >> 8);
  return ~value;
}

std::uint32_t number(ByteView octets) {
  return std::uint32_t{octets[0]} << 24 | std::uint32_t{octets[1]} << 16 | std::uint32_t{octets[2]} << 8 |
         octets[3];
}

void append_number(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void append_chunk(Bytes& out, std::string_view type, ByteView data) {
  append_number(out, static_cast<std::uint32_t>(data.size()));
  Bytes checked = to_bytes(as_bytes(type));
  append(checked, data);
  append(out, checked);
  append_number(out, checksum(checked));
}

/// Capital first: a decoder that does not know it cannot show the picture.
bool is_critical(std::string_view type) { return (static_cast<unsigned char>(type[0]) & 0x20) == 0; }

}  // namespace

std::optional<Bytes> rewrite_png(ByteView picture) {
  Bytes out = to_bytes(picture.first(std::min(kSignatureOctets, picture.size())));
  ByteView rest = picture.subspan(out.size());
  bool oriented = false;
  while (rest.size() >= 12) {
    const std::size_t length = number(rest);
    if (length > rest.size() - 12) return std::nullopt;
    const ByteView checked = rest.subspan(4, 4 + length);
    if (checksum(checked) != number(rest.subspan(8 + length))) return std::nullopt;
    const std::string_view type = as_chars(checked.first(4));
    if (std::ranges::find(kKept, type) != kKept.end()) {
      append(out, rest.first(12 + length));
    } else if (is_critical(type)) {
      return std::nullopt;
    } else if (type == "eXIf" && !oriented) {
      const std::uint8_t orientation = exif_orientation(checked.subspan(4));
      oriented = orientation != 1;
      if (oriented) append_chunk(out, type, exif_of(orientation));
    }
    if (type == "IEND") return out;
    rest = rest.subspan(12 + length);
  }
  return std::nullopt;
}

}  // namespace sotto::picture_metadata

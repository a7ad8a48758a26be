#include "media_decoder/exif.h"

#include <algorithm>
#include <cstring>

namespace sotto::media_decoder {
namespace {

constexpr std::string_view kHead{"Exif\0\0", 6};
constexpr std::uint16_t kOrientationTag = 0x0112;
constexpr std::uint16_t kShort = 3;
constexpr std::size_t kEntrySize = 12;
/// More than any camera writes in its first directory.
constexpr std::size_t kMaxEntries = 256;

/// Integers of a TIFF structure in the order it announces; zero past its end.
class Tiff {
 public:
  explicit Tiff(ByteView octets) : octets_(octets), little_(octets.size() >= 2 && octets[0] == 'I') {}

  [[nodiscard]] std::uint32_t u16(std::size_t at) const { return integer(at, 2); }
  [[nodiscard]] std::uint32_t u32(std::size_t at) const { return integer(at, 4); }

 private:
  [[nodiscard]] std::uint32_t integer(std::size_t at, std::size_t width) const {
    if (at > octets_.size() || width > octets_.size() - at) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      value = value << 8 | octets_[little_ ? at + width - 1 - i : at + i];
    }
    return value;
  }

  ByteView octets_;
  bool little_;
};

bool swaps_edges(Orientation orientation) { return orientation >= Orientation::transposed; }

struct Place {
  std::uint32_t x;
  std::uint32_t y;
};

/// Where the stored pixel at x, y of a picture of `width` by `height` is seen.
Place seen_at(Orientation orientation, std::uint32_t x, std::uint32_t y, std::uint32_t width,
              std::uint32_t height) {
  switch (orientation) {
    case Orientation::upright: return {x, y};
    case Orientation::mirrored: return {width - 1 - x, y};
    case Orientation::upside_down: return {width - 1 - x, height - 1 - y};
    case Orientation::upside_down_mirrored: return {x, height - 1 - y};
    case Orientation::transposed: return {y, x};
    case Orientation::turn_right: return {height - 1 - y, x};
    case Orientation::transversed: return {height - 1 - y, width - 1 - x};
    case Orientation::turn_left: return {y, width - 1 - x};
  }
  return {x, y};
}

}  // namespace

Orientation exif_orientation(ByteView segment) {
  if (segment.size() < kHead.size() || !equal(segment.first(kHead.size()), as_bytes(kHead))) {
    return Orientation::upright;
  }
  const Tiff tiff(segment.subspan(kHead.size()));
  const std::size_t directory = tiff.u32(4);
  const std::size_t count = std::min<std::size_t>(tiff.u16(directory), kMaxEntries);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t entry = directory + 2 + kEntrySize * i;
    if (tiff.u16(entry) != kOrientationTag) continue;
    const std::uint32_t value = tiff.u16(entry + 8);
    const bool valid = tiff.u16(entry + 2) == kShort && value >= 1 && value <= 8;
    return valid ? static_cast<Orientation>(value) : Orientation::upright;
  }
  return Orientation::upright;
}

Decoded turned_upright(Decoded decoded, Orientation orientation) {
  if (orientation == Orientation::upright) return decoded;
  const Picture& stored = decoded.picture;
  const bool swapped = swaps_edges(orientation);
  Decoded out{
      .picture = Picture(swapped ? stored.height : stored.width, swapped ? stored.width : stored.height),
      .source_width = swapped ? decoded.source_height : decoded.source_width,
      .source_height = swapped ? decoded.source_width : decoded.source_height,
      .animated = decoded.animated};
  for (std::uint32_t y = 0; y < stored.height; ++y) {
    const std::uint8_t* row = stored.row(y);
    for (std::uint32_t x = 0; x < stored.width; ++x) {
      const Place place = seen_at(orientation, x, y, stored.width, stored.height);
      std::memcpy(out.picture.row(place.y) + media::kPixelSize * place.x, row + media::kPixelSize * x,
                  media::kPixelSize);
    }
  }
  return out;
}

}  // namespace sotto::media_decoder

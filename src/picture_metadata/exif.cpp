#include <optional>

#include "picture_metadata/formats.h"

namespace sotto::picture_metadata {
namespace {

constexpr std::uint16_t kOrientation = 0x0112;
constexpr std::uint16_t kShort = 3;
constexpr std::size_t kEntryOctets = 12;

/// Reads TIFF's numbers in the order of octets that its head says.
class Tiff {
 public:
  explicit Tiff(ByteView octets) : octets_(octets) {}

  /// Where the first directory is.
  std::optional<std::size_t> directory() {
    if (octets_.size() < 8) return std::nullopt;
    const std::string_view order = as_chars(octets_.first(2));
    if (order != "II" && order != "MM") return std::nullopt;
    little_ = order == "II";
    if (number(2, 2) != 42) return std::nullopt;
    return number(4, 4);
  }
  /// `width` octets; 0 beyond the end.
  [[nodiscard]] std::size_t number(std::size_t at, std::size_t width) const {
    if (at > octets_.size() || octets_.size() - at < width) return 0;
    std::size_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8 | octets_[at + (little_ ? width - 1 - i : i)];
    return value;
  }

 private:
  ByteView octets_;
  bool little_ = false;
};

}  // namespace

std::uint8_t exif_orientation(ByteView octets) {
  Tiff tiff(octets);
  const auto directory = tiff.directory();
  if (!directory) return 1;
  const std::size_t entries = tiff.number(*directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = *directory + 2 + i * kEntryOctets;
    if (at >= octets.size()) return 1;
    if (tiff.number(at, 2) != kOrientation || tiff.number(at + 2, 2) != kShort) continue;
    const std::size_t value = tiff.number(at + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<std::uint8_t>(value) : 1;
  }
  return 1;
}

Bytes exif_of(std::uint8_t orientation) {
  return {'M', 'M',  0, 42, 0, 0, 0, 8,                                     // where the directory is
          0,   1,                                                           // one entry
          1,   0x12, 0, 3,  0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0};  // no further directory
}

}  // namespace sotto::picture_metadata

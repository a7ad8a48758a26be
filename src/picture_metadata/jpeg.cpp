// ITU T.81 annex B: segments, then for each scan its coded octets. Kept: what decoders need, JFIF without its
// thumbnail, Adobe's colour transform, the ICC profile. Left out: every other application segment (Exif, XMP,
// IPTC, MPF), comments, and whatever lies behind the end.
#include <algorithm>

#include "picture_metadata/formats.h"

namespace sotto::picture_metadata {
namespace {

using namespace std::string_view_literals;

constexpr std::uint8_t kSoi = 0xd8;
constexpr std::uint8_t kEoi = 0xd9;
constexpr std::uint8_t kSos = 0xda;
constexpr std::uint8_t kApp0 = 0xe0;
constexpr std::uint8_t kApp1 = 0xe1;
constexpr std::uint8_t kApp2 = 0xe2;
constexpr std::uint8_t kApp14 = 0xee;
constexpr std::uint8_t kApp15 = 0xef;
constexpr std::uint8_t kComment = 0xfe;
constexpr std::string_view kExif = "Exif\0\0"sv;
constexpr std::size_t kJfifOctets = 14;  // up to the thumbnail

bool is_restart(std::uint8_t marker) { return marker >= 0xd0 && marker <= 0xd7; }

/// Frames, tables, scans and restart intervals: SOF0 to SOF15 with DHT and DAC among them, DQT, DNL, DRI,
/// DHP, EXP.
bool is_needed(std::uint8_t marker) {
  return (marker >= 0xc0 && marker <= 0xcf && marker != 0xc8) || (marker >= kSos && marker <= 0xdf);
}

class Rewriter {
 public:
  explicit Rewriter(ByteView picture) : in_(picture) {}

  std::optional<Bytes> run() {
    if (next_marker() != kSoi) return std::nullopt;
    marker(kSoi);
    for (;;) {
      const auto code = next_marker();
      if (!code) return std::nullopt;
      if (*code == kEoi) break;
      if (!take_segment(*code)) return std::nullopt;
      if (*code == kSos) scan_data();
    }
    marker(kEoi);
    return std::move(out_);
  }

 private:
  /// Skips fill octets; nothing where there is no marker.
  std::optional<std::uint8_t> next_marker() {
    if (at_ >= in_.size() || in_[at_] != 0xff) return std::nullopt;
    while (at_ < in_.size() && in_[at_] == 0xff) ++at_;
    if (at_ >= in_.size() || in_[at_] == 0) return std::nullopt;
    return in_[at_++];
  }
  void marker(std::uint8_t code) { append(out_, ByteArray<2>{0xff, code}); }
  void segment(std::uint8_t code, ByteView payload) {
    marker(code);
    const std::size_t length = payload.size() + 2;
    append(out_, ByteArray<2>{static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)});
    append(out_, payload);
  }
  bool take_segment(std::uint8_t code) {
    if (in_.size() - at_ < 2) return false;
    const std::size_t length = std::size_t{in_[at_]} << 8 | in_[at_ + 1];
    if (length < 2 || length > in_.size() - at_) return false;
    const ByteView payload = in_.subspan(at_ + 2, length - 2);
    at_ += length;
    if (is_needed(code)) {
      segment(code, payload);
      return true;
    }
    if ((code < kApp0 || code > kApp15) && code != kComment) return false;
    application(code, payload);
    return true;
  }
  void application(std::uint8_t code, ByteView payload) {
    const std::string_view text = as_chars(payload);
    if (code == kApp0 && text.starts_with("JFIF\0"sv) && payload.size() >= kJfifOctets) {
      Bytes head = to_bytes(payload.first(kJfifOctets));
      head[12] = head[13] = 0;  // a thumbnail of no points
      segment(code, head);
    } else if (code == kApp2 && text.starts_with("ICC_PROFILE\0"sv)) {
      segment(code, payload);
    } else if (code == kApp14 && text.starts_with("Adobe"sv) && payload.size() >= 12) {
      segment(code, payload.first(12));
    } else if (code == kApp1 && text.starts_with(kExif) && !oriented_) {
      const std::uint8_t orientation = exif_orientation(payload.subspan(kExif.size()));
      if (orientation == 1) return;
      oriented_ = true;
      Bytes exif = to_bytes(as_bytes(kExif));
      append(exif, exif_of(orientation));
      segment(code, exif);
    }
  }
  /// Up to the next marker that is no part of the coded data.
  void scan_data() {
    const std::size_t begin = at_;
    while (at_ < in_.size()) {
      const auto found = std::find(in_.begin() + static_cast<std::ptrdiff_t>(at_), in_.end(), 0xff);
      at_ = static_cast<std::size_t>(found - in_.begin());
      if (at_ + 1 >= in_.size()) break;
      const std::uint8_t code = in_[at_ + 1];
      if (code != 0 && code != 0xff && !is_restart(code)) break;
      at_ += code == 0xff ? 1 : 2;
    }
    append(out_, in_.subspan(begin, std::min(at_, in_.size()) - begin));
  }

  ByteView in_;
  std::size_t at_ = 0;
  Bytes out_;
  bool oriented_ = false;
};

}  // namespace

std::optional<Bytes> rewrite_jpeg(ByteView picture) { return Rewriter(picture).run(); }

}  // namespace sotto::picture_metadata

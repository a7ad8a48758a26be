// The WebP container (RFC 9649): RIFF chunks. Kept: picture, alpha, animation, colour profile. Left out: Exif
// (but for how the camera was held), XMP, chunks of programs, and whatever lies behind the end.
#include <algorithm>
#include <array>

#include "picture_metadata/formats.h"

namespace sotto::picture_metadata {
namespace {

constexpr std::size_t kRiffHead = 12;
constexpr std::size_t kChunkHead = 8;
constexpr std::size_t kExtendedOctets = 10;
constexpr std::size_t kFrameHead = 16;
constexpr std::uint8_t kExifFlag = 0x08;
constexpr std::uint8_t kXmpFlag = 0x04;
constexpr std::array<std::string_view, 3> kFrameParts = {"VP8 ", "VP8L", "ALPH"};

std::size_t number(ByteView octets) {
  return std::size_t{octets[0]} | std::size_t{octets[1]} << 8 | std::size_t{octets[2]} << 16 |
         std::size_t{octets[3]} << 24;
}

void put_number(Bytes& out, std::size_t at, std::size_t value) {
  for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

void append_chunk(Bytes& out, std::string_view type, ByteView data) {
  append(out, as_bytes(type));
  out.resize(out.size() + 4);
  put_number(out, out.size() - 4, data.size());
  append(out, data);
  if (data.size() % 2 != 0) out.push_back(0);
}

struct Chunk {
  std::string_view type;
  ByteView data;
};

/// Takes one off the front; nothing when it is not whole.
std::optional<Chunk> take_chunk(ByteView& rest) {
  if (rest.size() < kChunkHead) return std::nullopt;
  const std::size_t length = number(rest.subspan(4));
  if (length > rest.size() - kChunkHead) return std::nullopt;
  const Chunk chunk{as_chars(rest.first(4)), rest.subspan(kChunkHead, length)};
  // The last octet of padding is missing in files that encoders of old wrote.
  rest = rest.subspan(std::min(rest.size(), kChunkHead + length + length % 2));
  return chunk;
}

bool is_frame_part(std::string_view type) {
  return std::ranges::find(kFrameParts, type) != kFrameParts.end();
}

/// A frame of an animation: its place, then chunks of its own.
bool append_frame(Bytes& out, ByteView data) {
  if (data.size() < kFrameHead) return false;
  Bytes frame = to_bytes(data.first(kFrameHead));
  ByteView rest = data.subspan(kFrameHead);
  while (!rest.empty()) {
    const auto part = take_chunk(rest);
    if (!part) return false;
    if (is_frame_part(part->type)) append_chunk(frame, part->type, part->data);
  }
  append_chunk(out, "ANMF", frame);
  return true;
}

class Rewriter {
 public:
  bool take(const Chunk& chunk) {
    if (chunk.type == "VP8X") {
      if (chunk.data.size() != kExtendedOctets || extended_ != 0) return false;
      extended_ = out_.size() + kChunkHead;
      append_chunk(out_, chunk.type, chunk.data);
      out_[extended_] &= static_cast<std::uint8_t>(~(kExifFlag | kXmpFlag));
      return true;
    }
    if (chunk.type == "ANMF") return append_frame(out_, chunk.data);
    if (is_frame_part(chunk.type) || chunk.type == "ANIM" || chunk.type == "ICCP") {
      append_chunk(out_, chunk.type, chunk.data);
    } else if (chunk.type == "EXIF" && extended_ != 0) {
      take_exif(chunk.data);
    }
    return true;
  }
  std::optional<Bytes> finish() && {
    put_number(out_, 4, out_.size() - kChunkHead);
    return std::move(out_);
  }
  explicit Rewriter(ByteView head) : out_(to_bytes(head)) {}

 private:
  void take_exif(ByteView data) {
    constexpr std::string_view kHead{"Exif\0\0", 6};  // some write it, the format does not ask for it
    const std::uint8_t orientation =
        exif_orientation(as_chars(data).starts_with(kHead) ? data.subspan(kHead.size()) : data);
    if (orientation == 1 || (out_[extended_] & kExifFlag) != 0) return;
    out_[extended_] |= kExifFlag;
    append_chunk(out_, "EXIF", exif_of(orientation));
  }

  Bytes out_;
  std::size_t extended_ = 0;  ///< where the flags are; 0: a simple file
};

}  // namespace

std::optional<Bytes> rewrite_webp(ByteView picture) {
  if (picture.size() < kRiffHead) return std::nullopt;
  const std::size_t length = number(picture.subspan(4));
  if (length < 4 || length > picture.size() - kChunkHead) return std::nullopt;
  ByteView rest = picture.subspan(kRiffHead, length - 4);
  Rewriter rewriter(picture.first(kRiffHead));
  while (!rest.empty()) {
    const auto chunk = take_chunk(rest);
    if (!chunk || !rewriter.take(*chunk)) return std::nullopt;
  }
  return std::move(rewriter).finish();
}

}  // namespace sotto::picture_metadata

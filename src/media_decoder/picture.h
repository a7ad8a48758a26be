// Decoded pictures inside a confined process.
#pragma once

#include "bytes/bytes.h"
#include "media/protocol.h"

namespace sotto::media_decoder {

using media::Format;
using media::MediaError;
using media::MediaResult;

/// Rows from the top of red, green, blue, opacity; eight bits each, opacity not multiplied in.
struct Picture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  Bytes pixels;

  Picture() = default;
  /// Transparent. Errors are the caller's: sizes were checked before.
  Picture(std::uint32_t w, std::uint32_t h) : width(w), height(h), pixels(media::pixel_octets(w, h)) {}
  [[nodiscard]] std::uint8_t* row(std::uint32_t y) { return pixels.data() + media::pixel_octets(width, y); }
  [[nodiscard]] const std::uint8_t* row(std::uint32_t y) const {
    return pixels.data() + media::pixel_octets(width, y);
  }
};

/// What a file held: its first picture, and its size there. A decoder may have made it smaller, but not so
/// that an edge is below what it was asked for.
struct Decoded {
  Picture picture;
  std::uint32_t source_width = 0;
  std::uint32_t source_height = 0;
  bool animated = false;
};

/// Errors: malformed (an empty picture), too_large.
MediaResult<void> check_size(std::uint64_t width, std::uint64_t height);

}  // namespace sotto::media_decoder

// Pixels to clean files. Runs in a process that never sees a file of anybody.
#pragma once

#include "media_decoder/picture.h"

namespace sotto::media_decoder {

/// PNG, JPEG (on white where the picture is transparent) or WebP. Errors: too_large (memory ran out, or the
/// file became longer than kMaxCleanFile).
MediaResult<Bytes> encode(Format format, const Picture& picture);

struct Thumbnail {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  Bytes file;  ///< JPEG, at most kMaxThumbnail
};

/// As large, up to `max_edge`, and as good as fits. Errors: too_large (memory ran out).
MediaResult<Thumbnail> make_thumbnail(const Picture& picture, std::uint32_t max_edge);

}  // namespace sotto::media_decoder

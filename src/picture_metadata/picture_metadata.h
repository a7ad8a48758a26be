// Pictures without what cameras and programs write into them: where, when, with what and by whom, and what
// was hidden behind their end. Lossless: what is shown stays octet for octet, its colour profile and how the
// camera was held too. Everything is left out that is not known to be needed; what is not understood is
// refused. For own pictures, before they are sent; others' are decoded in the sandbox (media).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "bytes/bytes.h"
#include "result/result.h"

namespace sotto::picture_metadata {

/// A picture is in memory as a whole: more than any camera's JPEG has.
inline constexpr std::size_t kMaxPictureOctets = std::size_t{64} << 20;
/// As many octets as kind_of() needs.
inline constexpr std::size_t kHeadOctets = 16;

enum class MetadataError : std::uint8_t {
  too_large,      ///< more than kMaxPictureOctets
  not_supported,  ///< a picture of a format that is not understood here
  malformed,      ///< does not follow its format, or uses a part of it that is not understood here
};

std::string_view describe(MetadataError error);

enum class Kind : std::uint8_t {
  jpeg,
  png,
  webp,
  other_picture,  ///< GIF, TIFF, HEIC, AVIF: they can have metadata that cannot be removed here
  no_picture,
};

/// By the first octets of a file, whatever its name.
Kind kind_of(ByteView head);

/// The picture anew. Fails with too_large, not_supported (also for what is no picture), malformed.
Result<Bytes, MetadataError> without_metadata(ByteView picture);

}  // namespace sotto::picture_metadata

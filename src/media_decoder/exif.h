// The one thing that is read from Exif data: how the camera was held.
#pragma once

#include "media_decoder/picture.h"

namespace sotto::media_decoder {

/// Exif 2.32 4.6.4, tag 0x0112: where the stored rows and columns belong.
enum class Orientation : std::uint8_t {
  upright = 1,
  mirrored = 2,
  upside_down = 3,
  upside_down_mirrored = 4,
  transposed = 5,
  turn_right = 6,
  transversed = 7,
  turn_left = 8,
};

/// Of an APP1 segment; upright for anything that is not one with a valid orientation.
Orientation exif_orientation(ByteView segment);
Decoded turned_upright(Decoded decoded, Orientation orientation);

}  // namespace sotto::media_decoder

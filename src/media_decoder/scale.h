// Making pictures smaller.
#pragma once

#include "media_decoder/picture.h"

namespace sotto::media_decoder {

/// The same if no edge is longer than `max_edge`; otherwise each pixel is the mean of the area it covers, and
/// the proportions stay.
Picture scale_to_fit(Picture picture, std::uint32_t max_edge);

}  // namespace sotto::media_decoder

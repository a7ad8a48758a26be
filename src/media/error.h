// The error enum of the media sandbox, on both of its sides.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::media {

/// Why there is no clean picture. The first four are said by the decoder of the file, the others by the
/// client of the decoder.
enum class MediaError : std::uint8_t {
  not_a_picture,   ///< none of the formats
  not_supported,   ///< a format that this build cannot decode
  malformed,       ///< breaks its format's rules, or is cut short
  too_large,       ///< more octets, pixels or memory than the limits allow
  crashed,         ///< the decoder died of the file
  timed_out,       ///< it took too long, or too much of the processor
  forbidden_call,  ///< it tried what no decoder needs, and was ended: somebody attacks through this file
  bad_answer,      ///< it answered what the protocol does not allow
  not_confined,    ///< it could not be confined, so nothing was given to it
  not_started,     ///< the program could not be run
};

std::string_view describe(MediaError error);

template <typename T>
using MediaResult = Result<T, MediaError>;

}  // namespace sotto::media

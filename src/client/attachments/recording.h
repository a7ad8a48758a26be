// How long a recording is, and how loud from its beginning to its end, as far as its container says so: WAV
// with PCM, and Ogg with Opus or Vorbis. Of own files, and total nevertheless.
#pragma once

#include <cstdint>
#include <optional>

#include "bytes/bytes.h"

namespace sotto::client {

/// Minutes of PCM, hours of Opus.
inline constexpr std::size_t kMaxMeasured = std::size_t{64} << 20;

struct Recording {
  std::uint32_t duration_ms = 0;
  Bytes waveform;  ///< kMaxWaveform octets; empty where it would have to be decoded
};
/// Empty for whatever is neither, or makes no sense.
std::optional<Recording> measure_recording(ByteView file);

}  // namespace sotto::client

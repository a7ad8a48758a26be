// The formats, one source each. All of them are total: any octets give a picture anew or nothing. Internal to
// the module.
#pragma once

#include <cstdint>
#include <optional>

#include "bytes/bytes.h"

namespace sotto::picture_metadata {

std::optional<Bytes> rewrite_jpeg(ByteView picture);
std::optional<Bytes> rewrite_png(ByteView picture);
std::optional<Bytes> rewrite_webp(ByteView picture);

/// Exif 2.32 4.6.4, tag 0x0112; 1 when it is missing, damaged or says nothing. `tiff`: behind "Exif\0\0".
std::uint8_t exif_orientation(ByteView tiff);
/// Exif data that says nothing else.
Bytes exif_of(std::uint8_t orientation);

inline void append(Bytes& out, ByteView octets) { out.insert(out.end(), octets.begin(), octets.end()); }

}  // namespace sotto::picture_metadata

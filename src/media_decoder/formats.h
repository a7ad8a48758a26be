// The five formats, each decoded by its well-kept library. Whatever the octets are, the outcome is a picture
// within the limits or an error; that a library has a flaw nobody knows is what the confinement is for.
#pragma once

#include <optional>

#include "media_decoder/picture.h"

namespace sotto::media_decoder {

/// Errors of all: malformed, too_large (also: memory ran out).
MediaResult<Decoded> decode_png(ByteView file);
/// Turned upright as its Exif data says. `max_edge`: a picture so much larger is decoded at a fraction of its
/// size.
MediaResult<Decoded> decode_jpeg(ByteView file, std::uint32_t max_edge);
MediaResult<Decoded> decode_webp(ByteView file);
MediaResult<Decoded> decode_gif(ByteView file);
/// Errors also: not_supported (the build has no library for it, or the file uses another codec than HEVC).
MediaResult<Decoded> decode_heic(ByteView file);
/// Whether the build found the libraries for it.
bool decodes_heic();
/// Tells the HEIC library which codecs to use; once, before the process is confined.
void prepare_heic();

/// What the first octets announce.
std::optional<Format> format_of(ByteView file);
/// Bit 1 << Format for each that this build decodes.
std::uint8_t supported_formats();

/// What the client is told, and the pixels.
struct Outcome {
  media::PictureHead head;
  Picture picture;
};

/// The first picture of the file, scaled down to `max_edge`. Errors: not_a_picture, not_supported, malformed,
/// too_large.
MediaResult<Outcome> decode(ByteView file, std::uint32_t max_edge);

}  // namespace sotto::media_decoder

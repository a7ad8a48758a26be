#include "media_decoder/formats.h"

#include <algorithm>
#include <new>

#include "media_decoder/scale.h"

namespace sotto::media_decoder {
namespace {

bool begins(ByteView file, std::string_view with, std::size_t at = 0) {
  return file.size() >= at + with.size() && equal(file.subspan(at, with.size()), as_bytes(with));
}

MediaResult<Decoded> decode_as(Format format, ByteView file, std::uint32_t max_edge) {
  switch (format) {
    case Format::png: return decode_png(file);
    case Format::jpeg: return decode_jpeg(file, max_edge);
    case Format::webp: return decode_webp(file);
    case Format::gif: return decode_gif(file);
    case Format::heic: return decode_heic(file);
  }
  return err(MediaError::not_a_picture);
}

}  // namespace

MediaResult<void> check_size(std::uint64_t width, std::uint64_t height) {
  if (width == 0 || height == 0) return err(MediaError::malformed);
  if (width > media::kMaxSourceEdge || height > media::kMaxSourceEdge ||
      width * height > media::kMaxSourcePixels) {
    return err(MediaError::too_large);
  }
  return {};
}

std::optional<Format> format_of(ByteView file) {
  if (begins(file, "\x89PNG\r\n\x1a\n")) return Format::png;
  if (begins(file, "\xff\xd8\xff")) return Format::jpeg;
  if (begins(file, "RIFF") && begins(file, "WEBP", 8)) return Format::webp;
  if (begins(file, "GIF87a") || begins(file, "GIF89a")) return Format::gif;
  if (begins(file, "ftyp", 4)) {
    for (const std::string_view brand : {"heic", "heix", "heim", "heis", "mif1"}) {
      if (begins(file, brand, 8)) return Format::heic;
    }
  }
  return std::nullopt;
}

std::uint8_t supported_formats() {
  unsigned all = 0;
  for (const Format format : {Format::png, Format::jpeg, Format::webp, Format::gif}) {
    all |= 1U << static_cast<unsigned>(format);
  }
  if (decodes_heic()) all |= 1U << static_cast<unsigned>(Format::heic);
  return static_cast<std::uint8_t>(all);
}

MediaResult<Outcome> decode(ByteView file, std::uint32_t max_edge) {
  try {
    const auto format = format_of(file);
    if (!format) return err(MediaError::not_a_picture);
    SOTTO_TRY(Decoded decoded, decode_as(*format, file, max_edge));
    Outcome out{.head = {.format = *format,
                         .animated = decoded.animated,
                         .source_width = decoded.source_width,
                         .source_height = decoded.source_height},
                .picture = scale_to_fit(std::move(decoded.picture), max_edge)};
    out.head.width = out.picture.width;
    out.head.height = out.picture.height;
    return out;
  } catch (const std::bad_alloc&) {
    return err(MediaError::too_large);
  }
}

}  // namespace sotto::media_decoder

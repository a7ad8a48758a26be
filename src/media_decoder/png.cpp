// PNG through libpng's simplified interface: it turns every colour type, depth and gamma into sRGB and never
// leaves by longjmp. Its own limits on chunks (8 MB each, 1,000 kept) stay.
#include <png.h>

#include "media_decoder/formats.h"

namespace sotto::media_decoder {
namespace {

/// Frees what libpng holds, however the decoding ends.
class Image {
 public:
  Image() { image_.version = PNG_IMAGE_VERSION; }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  ~Image() { ::png_image_free(&image_); }
  png_image* operator->() { return &image_; }
  png_image* get() { return &image_; }

 private:
  png_image image_{};
};

constexpr std::uint32_t kChunkHead = 8;
constexpr std::uint32_t kChunkCheck = 4;
constexpr std::size_t kSignature = 8;

std::uint32_t u32_at(ByteView file, std::size_t at) {
  return std::uint32_t{file[at]} << 24 | std::uint32_t{file[at + 1]} << 16 |
         std::uint32_t{file[at + 2]} << 8 | file[at + 3];
}

/// An acTL chunk before the picture makes it an animation. Chunks get longer by at least twelve octets each,
/// so the loop is bounded by the file.
bool is_animated(ByteView file) {
  for (std::size_t at = kSignature; at + kChunkHead <= file.size();) {
    const std::string_view name = as_chars(file.subspan(at + 4, 4));
    if (name == "acTL") return true;
    if (name == "IDAT") return false;
    at += std::size_t{kChunkHead} + u32_at(file, at) + kChunkCheck;
  }
  return false;
}

}  // namespace

MediaResult<Decoded> decode_png(ByteView file) {
  Image image;
  if (::png_image_begin_read_from_memory(image.get(), file.data(), file.size()) == 0) {
    return err(MediaError::malformed);
  }
  SOTTO_CHECK_OK(check_size(image->width, image->height));
  image->format = PNG_FORMAT_RGBA;
  Decoded out{.picture = Picture(image->width, image->height),
              .source_width = image->width,
              .source_height = image->height,
              .animated = is_animated(file)};
  if (::png_image_finish_read(image.get(), nullptr, out.picture.pixels.data(), 0, nullptr) == 0) {
    return err(MediaError::malformed);
  }
  return out;
}

}  // namespace sotto::media_decoder

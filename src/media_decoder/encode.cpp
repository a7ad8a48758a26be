#include "media_decoder/encode.h"

#include <png.h>
#include <webp/encode.h>

#include <algorithm>
#include <cstdlib>

#include "media_decoder/jpeg_guard.h"
#include "media_decoder/scale.h"

namespace sotto::media_decoder {
namespace {

constexpr int kJpegQuality = 88;
constexpr float kWebpQuality = 88;
constexpr int kWebpEffort = 2;  // of 0 to 6: seconds for the largest pictures
/// Above, PNG is compressed quickly rather than well: seconds matter more than a tenth of the size.
constexpr std::uint64_t kQuickPngPixels = std::uint64_t{4} << 20;

struct ThumbnailTry {
  std::uint32_t edge;
  int quality;
};
/// In this order. The last has fewer pixels than a thumbnail has octets, so that it always fits.
constexpr std::array kThumbnailTries = {ThumbnailTry{media::kThumbnailEdge, 75},
                                        ThumbnailTry{media::kThumbnailEdge, 50},
                                        ThumbnailTry{240, 50},
                                        ThumbnailTry{160, 50},
                                        ThumbnailTry{96, 50},
                                        ThumbnailTry{48, 30}};

bool is_opaque(const Picture& picture) {
  for (std::size_t i = 3; i < picture.pixels.size(); i += media::kPixelSize) {
    if (picture.pixels[i] != 255) return false;
  }
  return true;
}

/// A row without its opacity, on white.
void on_white(const std::uint8_t* row, std::uint32_t width, std::uint8_t* out) {
  for (std::uint32_t x = 0; x < width; ++x) {
    const unsigned opacity = row[4 * std::size_t{x} + 3];
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const unsigned value = row[4 * std::size_t{x} + channel];
      out[3 * std::size_t{x} + channel] =
          static_cast<std::uint8_t>((value * opacity + 255 * (255 - opacity) + 127) / 255);
    }
  }
}

Bytes without_opacity(const Picture& picture) {
  Bytes out(std::size_t{3} * picture.width * picture.height);
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    on_white(picture.row(y), picture.width, out.data() + std::size_t{3} * picture.width * y);
  }
  return out;
}

MediaResult<Bytes> encode_png(const Picture& picture) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = picture.width;
  image.height = picture.height;
  const bool opaque = is_opaque(picture);
  image.format = opaque ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
  if (std::uint64_t{picture.width} * picture.height > kQuickPngPixels) image.flags |= PNG_IMAGE_FLAG_FAST;
  const Bytes rgb = opaque ? without_opacity(picture) : Bytes();
  const std::uint8_t* pixels = opaque ? rgb.data() : picture.pixels.data();
  Bytes out(PNG_IMAGE_PNG_SIZE_MAX(image));
  png_alloc_size_t size = out.size();
  const bool written = ::png_image_write_to_memory(&image, out.data(), &size, 0, pixels, 0, nullptr) != 0;
  ::png_image_free(&image);
  if (!written) return err(MediaError::too_large);
  out.resize(size);
  return out;
}

/// Everything that must outlive a longjmp.
struct JpegWriter {
  jpeg_compress_struct jpeg{};
  JpegGuard guard{};
  Bytes line;
  unsigned char* file = nullptr;
  unsigned long size = 0;

  JpegWriter() {
    jpeg.err = guarded(guard);
    ::jpeg_create_compress(&jpeg);
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;
  ~JpegWriter() {
    ::jpeg_destroy_compress(&jpeg);
    std::free(file);  // the library's own malloc
  }
};

/// False: memory ran out. No object with a destructor lives in here.
bool write(JpegWriter& writer, const Picture& picture, int quality) {
  if (setjmp(writer.guard.failed) != 0) return false;
  jpeg_compress_struct& jpeg = writer.jpeg;
  ::jpeg_mem_dest(&jpeg, &writer.file, &writer.size);
  jpeg.image_width = picture.width;
  jpeg.image_height = picture.height;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  ::jpeg_set_defaults(&jpeg);
  ::jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg.optimize_coding = TRUE;
  ::jpeg_start_compress(&jpeg, TRUE);
  writer.line.resize(std::size_t{3} * picture.width);
  while (jpeg.next_scanline < jpeg.image_height) {
    on_white(picture.row(jpeg.next_scanline), picture.width, writer.line.data());
    JSAMPROW line = writer.line.data();
    ::jpeg_write_scanlines(&jpeg, &line, 1);
  }
  ::jpeg_finish_compress(&jpeg);
  return true;
}

MediaResult<Bytes> encode_jpeg(const Picture& picture, int quality) {
  JpegWriter writer;
  if (!write(writer, picture, quality)) return err(MediaError::too_large);
  return Bytes(writer.file, writer.file + writer.size);
}

/// Everything that WebP's encoder holds.
struct WebpWriter {
  WebPPicture picture{};
  WebPMemoryWriter memory{};
  bool ready = ::WebPPictureInit(&picture) != 0;

  WebpWriter() { ::WebPMemoryWriterInit(&memory); }
  WebpWriter(const WebpWriter&) = delete;
  WebpWriter& operator=(const WebpWriter&) = delete;
  ~WebpWriter() {
    ::WebPPictureFree(&picture);
    ::WebPMemoryWriterClear(&memory);
  }
};

MediaResult<Bytes> encode_webp(const Picture& picture) {
  WebPConfig config;
  WebpWriter writer;
  if (!writer.ready || ::WebPConfigInit(&config) == 0) return err(MediaError::too_large);
  config.quality = kWebpQuality;
  config.method = kWebpEffort;
  config.thread_level = 0;
  writer.picture.width = static_cast<int>(picture.width);
  writer.picture.height = static_cast<int>(picture.height);
  writer.picture.writer = ::WebPMemoryWrite;
  writer.picture.custom_ptr = &writer.memory;
  const int stride = static_cast<int>(media::pixel_octets(picture.width, 1));
  if (::WebPPictureImportRGBA(&writer.picture, picture.pixels.data(), stride) == 0 ||
      ::WebPEncode(&config, &writer.picture) == 0) {
    return err(MediaError::too_large);
  }
  return Bytes(writer.memory.mem, writer.memory.mem + writer.memory.size);
}

}  // namespace

MediaResult<Bytes> encode(Format format, const Picture& picture) {
  MediaResult<Bytes> out = format == Format::png    ? encode_png(picture)
                           : format == Format::jpeg ? encode_jpeg(picture, kJpegQuality)
                                                    : encode_webp(picture);
  if (out && out->size() > media::kMaxCleanFile) return err(MediaError::too_large);
  return out;
}

MediaResult<Thumbnail> make_thumbnail(const Picture& picture, std::uint32_t max_edge) {
  Picture small = picture;
  Thumbnail out;
  for (const ThumbnailTry& attempt : kThumbnailTries) {
    small = scale_to_fit(std::move(small), std::min(attempt.edge, max_edge));
    out.width = small.width;
    out.height = small.height;
    SOTTO_TRY(out.file, encode_jpeg(small, attempt.quality));
    if (out.file.size() <= media::kMaxThumbnail) break;
  }
  return out;
}

}  // namespace sotto::media_decoder

// JPEG through libjpeg-turbo.
#include <jerror.h>

#include <algorithm>

#include "media_decoder/exif.h"
#include "media_decoder/formats.h"
#include "media_decoder/jpeg_guard.h"

namespace sotto::media_decoder {
namespace {

/// Everything that must outlive a longjmp.
struct Codec {
  jpeg_decompress_struct jpeg{};
  JpegGuard guard{};
  jpeg_progress_mgr progress{};
  Decoded out;
  Bytes line;
  Orientation orientation = Orientation::upright;
  std::optional<MediaError> refused;

  Codec() {
    jpeg.err = guarded(guard);
    ::jpeg_create_decompress(&jpeg);
  }
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;
  ~Codec() { ::jpeg_destroy_decompress(&jpeg); }
};

/// A file of a few kilobytes can ask for thousands of passes over the whole picture.
void watch_scans(j_common_ptr codec) {
  const auto* jpeg = reinterpret_cast<j_decompress_ptr>(codec);
  if (jpeg->input_scan_number > media::kMaxJpegScans) codec->err->error_exit(codec);
}

/// The largest of 1, 1/2, 1/4, 1/8 that leaves an edge of at least twice what is wanted: scaling does the
/// rest.
unsigned fraction(std::uint32_t longest, std::uint32_t max_edge) {
  unsigned denominator = 1;
  while (denominator < 8 && longest / (denominator * 2) >= max_edge * 2) denominator *= 2;
  return denominator;
}

void find_orientation(Codec& codec) {
  for (const jpeg_marker_struct* marker = codec.jpeg.marker_list; marker != nullptr; marker = marker->next) {
    if (marker->marker == JPEG_APP0 + 1) {
      codec.orientation = exif_orientation(ByteView(marker->data, marker->data_length));
      return;
    }
  }
}

/// Printing colours, which Adobe's programs store inverted, as light.
void from_cmyk(const std::uint8_t* line, std::uint32_t width, bool inverted, std::uint8_t* row) {
  for (std::uint32_t x = 0; x < width; ++x) {
    const std::uint8_t* ink = line + std::size_t{4} * x;
    std::uint8_t* pixel = row + media::kPixelSize * x;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const unsigned light = inverted ? ink[channel] : 255U - ink[channel];
      const unsigned paper = inverted ? ink[3] : 255U - ink[3];
      pixel[channel] = static_cast<std::uint8_t>(light * paper / 255);
    }
    pixel[3] = 255;
  }
}

bool has_inks(const jpeg_decompress_struct& jpeg) {
  return jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
}

/// False: libjpeg gave up, or the bounds did. No object with a destructor lives in here.
bool read(Codec& codec, ByteView file, std::uint32_t max_edge) {
  if (setjmp(codec.guard.failed) != 0) return false;
  jpeg_decompress_struct& jpeg = codec.jpeg;
  codec.progress.progress_monitor = watch_scans;
  jpeg.progress = &codec.progress;
  ::jpeg_save_markers(&jpeg, JPEG_APP0 + 1, 0xffff);
  ::jpeg_mem_src(&jpeg, file.data(), file.size());
  ::jpeg_read_header(&jpeg, TRUE);
  if (const auto size = check_size(jpeg.image_width, jpeg.image_height); !size) {
    codec.refused = size.error();
    return false;
  }
  find_orientation(codec);
  codec.out.source_width = jpeg.image_width;
  codec.out.source_height = jpeg.image_height;
  jpeg.out_color_space = has_inks(jpeg) ? JCS_CMYK : JCS_EXT_RGBA;
  jpeg.scale_num = 1;
  jpeg.scale_denom = fraction(std::max(jpeg.image_width, jpeg.image_height), max_edge);
  ::jpeg_start_decompress(&jpeg);
  codec.out.picture = Picture(jpeg.output_width, jpeg.output_height);
  codec.line.resize(media::pixel_octets(jpeg.output_width, 1));
  while (jpeg.output_scanline < jpeg.output_height) {
    std::uint8_t* const row = codec.out.picture.row(jpeg.output_scanline);
    JSAMPROW target = has_inks(jpeg) ? codec.line.data() : row;
    ::jpeg_read_scanlines(&jpeg, &target, 1);
    if (has_inks(jpeg)) from_cmyk(codec.line.data(), jpeg.output_width, jpeg.saw_Adobe_marker != 0, row);
  }
  ::jpeg_finish_decompress(&jpeg);
  return true;
}

}  // namespace

MediaResult<Decoded> decode_jpeg(ByteView file, std::uint32_t max_edge) {
  Codec codec;
  if (!read(codec, file, max_edge)) {
    const bool memory = codec.guard.errors.msg_code == JERR_OUT_OF_MEMORY;
    return err(codec.refused.value_or(memory ? MediaError::too_large : MediaError::malformed));
  }
  return turned_upright(std::move(codec.out), codec.orientation);
}

}  // namespace sotto::media_decoder

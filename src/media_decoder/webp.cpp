// WebP through libwebp, without threads; of an animation the first frame, through its own decoder of
// animations.
#include <webp/decode.h>
#include <webp/demux.h>

#include <cstring>
#include <memory>

#include "media_decoder/formats.h"

namespace sotto::media_decoder {
namespace {

MediaError error_of(VP8StatusCode status) {
  return status == VP8_STATUS_OUT_OF_MEMORY ? MediaError::too_large : MediaError::malformed;
}

MediaResult<Decoded> still(ByteView file, const WebPBitstreamFeatures& features) {
  const auto width = static_cast<std::uint32_t>(features.width);
  const auto height = static_cast<std::uint32_t>(features.height);
  Decoded out{.picture = Picture(width, height), .source_width = width, .source_height = height};
  WebPDecoderConfig config;
  if (::WebPInitDecoderConfig(&config) == 0) return err(MediaError::malformed);
  config.options.use_threads = 0;
  config.output.colorspace = MODE_RGBA;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {.rgba = out.picture.pixels.data(),
                          .stride = static_cast<int>(media::pixel_octets(width, 1)),
                          .size = out.picture.pixels.size()};
  const VP8StatusCode status = ::WebPDecode(file.data(), file.size(), &config);
  ::WebPFreeDecBuffer(&config.output);
  if (status != VP8_STATUS_OK) return err(error_of(status));
  return out;
}

MediaResult<Decoded> first_frame(ByteView file, const WebPBitstreamFeatures& features) {
  WebPAnimDecoderOptions options;
  if (::WebPAnimDecoderOptionsInit(&options) == 0) return err(MediaError::malformed);
  options.use_threads = 0;
  options.color_mode = MODE_RGBA;
  const WebPData data{.bytes = file.data(), .size = file.size()};
  const std::unique_ptr<WebPAnimDecoder, decltype(&::WebPAnimDecoderDelete)> decoder(
      ::WebPAnimDecoderNew(&data, &options), ::WebPAnimDecoderDelete);
  WebPAnimInfo info{};
  std::uint8_t* canvas = nullptr;
  int timestamp = 0;
  if (!decoder || ::WebPAnimDecoderGetInfo(decoder.get(), &info) == 0 ||
      info.canvas_width != static_cast<std::uint32_t>(features.width) ||
      info.canvas_height != static_cast<std::uint32_t>(features.height) ||
      ::WebPAnimDecoderGetNext(decoder.get(), &canvas, &timestamp) == 0) {
    return err(MediaError::malformed);
  }
  Decoded out{.picture = Picture(info.canvas_width, info.canvas_height),
              .source_width = info.canvas_width,
              .source_height = info.canvas_height,
              .animated = info.frame_count > 1};
  std::memcpy(out.picture.pixels.data(), canvas, out.picture.pixels.size());
  return out;
}

}  // namespace

MediaResult<Decoded> decode_webp(ByteView file) {
  WebPBitstreamFeatures features{};
  const VP8StatusCode status = ::WebPGetFeatures(file.data(), file.size(), &features);
  if (status != VP8_STATUS_OK) return err(error_of(status));
  if (features.width < 0 || features.height < 0) return err(MediaError::malformed);
  SOTTO_CHECK_OK(
      check_size(static_cast<std::uint64_t>(features.width), static_cast<std::uint64_t>(features.height)));
  return features.has_animation != 0 ? first_frame(file, features) : still(file, features);
}

}  // namespace sotto::media_decoder

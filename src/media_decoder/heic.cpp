// HEIC through libheif (the container) and libde265 (HEVC). libheif's own use of libde265 starts threads,
// which a confined process cannot: so it gets a decoder of ours, and none for other codecs.
#include <libde265/de265.h>
#include <libheif/heif.h>
#include <libheif/heif_plugin.h>

#include <cstring>
#include <memory>

#include "media_decoder/formats.h"

namespace sotto::media_decoder {
namespace {

constexpr int kPluginApi = 1;    // the oldest: what it asks for is all that is needed
constexpr int kPriority = 1000;  // libheif's own decoders have 100
constexpr std::size_t kLengthSize = 4;

constexpr heif_error kDone = {heif_error_Ok, heif_suberror_Unspecified, ""};
constexpr heif_error kBroken = {heif_error_Decoder_plugin_error, heif_suberror_Unspecified, "broken"};
constexpr heif_error kRefused = {heif_error_Unsupported_feature, heif_suberror_Unsupported_codec, "refused"};

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <typename T, auto Free>
using Held = std::unique_ptr<T, FreeWith<Free>>;

heif_error new_hevc(void** decoder) {
  *decoder = ::de265_new_decoder();
  return *decoder != nullptr ? kDone : kBroken;
}

void free_hevc(void* decoder) { ::de265_free_decoder(decoder); }

/// NAL units, each after its length in four octets.
heif_error push_hevc(void* decoder, const void* data, size_t size) {
  ByteView rest(static_cast<const std::uint8_t*>(data), size);
  while (!rest.empty()) {
    if (rest.size() < kLengthSize) return kBroken;
    const std::size_t length =
        std::size_t{rest[0]} << 24 | std::size_t{rest[1]} << 16 | std::size_t{rest[2]} << 8 | rest[3];
    rest = rest.subspan(kLengthSize);
    if (length > rest.size()) return kBroken;
    if (::de265_push_NAL(decoder, rest.data(), static_cast<int>(length), 0, nullptr) != DE265_OK)
      return kBroken;
    rest = rest.subspan(length);
  }
  return kDone;
}

heif_chroma chroma_of(const de265_image* image) {
  switch (::de265_get_chroma_format(image)) {
    case de265_chroma_mono: return heif_chroma_monochrome;
    case de265_chroma_420: return heif_chroma_420;
    case de265_chroma_422: return heif_chroma_422;
    case de265_chroma_444: return heif_chroma_444;
  }
  return heif_chroma_undefined;
}

void set_colours(const de265_image* image, heif_image* out) {
  const Held<heif_color_profile_nclx, ::heif_nclx_color_profile_free> colours(
      ::heif_nclx_color_profile_alloc());
  if (!colours) return;
  colours->full_range_flag = static_cast<std::uint8_t>(::de265_get_image_full_range_flag(image));
  const auto code = [](int value) { return static_cast<std::uint16_t>(value); };
  ::heif_nclx_color_profile_set_color_primaries(colours.get(),
                                                code(::de265_get_image_colour_primaries(image)));
  ::heif_nclx_color_profile_set_transfer_characteristics(
      colours.get(), code(::de265_get_image_transfer_characteristics(image)));
  ::heif_nclx_color_profile_set_matrix_coefficients(colours.get(),
                                                    code(::de265_get_image_matrix_coefficients(image)));
  ::heif_image_set_nclx_color_profile(out, colours.get());
}

bool copy_plane(const de265_image* image, int channel, heif_image* out, heif_channel target) {
  const int width = ::de265_get_image_width(image, channel);
  const int height = ::de265_get_image_height(image, channel);
  const int depth = ::de265_get_bits_per_pixel(image, channel);
  if (width <= 0 || height <= 0 || depth < 8 || depth > 16) return false;
  if (::heif_image_add_plane(out, target, width, height, depth).code != heif_error_Ok) return false;
  int from_stride = 0;
  int to_stride = 0;
  const std::uint8_t* from = ::de265_get_image_plane(image, channel, &from_stride);
  std::uint8_t* to = ::heif_image_get_plane(out, target, &to_stride);
  const std::ptrdiff_t line = std::ptrdiff_t{width} * (depth > 8 ? 2 : 1);
  if (from == nullptr || to == nullptr || from_stride < line || to_stride < line) return false;
  for (std::ptrdiff_t y = 0; y < height; ++y) {
    std::memcpy(to + y * to_stride, from + y * from_stride, static_cast<std::size_t>(line));
  }
  return true;
}

/// Null: the picture is not one that can be converted.
heif_image* converted(const de265_image* image) {
  const heif_chroma chroma = chroma_of(image);
  const bool mono = chroma == heif_chroma_monochrome;
  heif_image* made = nullptr;
  if (::heif_image_create(::de265_get_image_width(image, 0), ::de265_get_image_height(image, 0),
                          mono ? heif_colorspace_monochrome : heif_colorspace_YCbCr, chroma, &made)
          .code != heif_error_Ok) {
    return nullptr;
  }
  Held<heif_image, ::heif_image_release> out(made);
  bool whole = copy_plane(image, 0, made, heif_channel_Y);
  if (!mono) {
    whole =
        whole && copy_plane(image, 1, made, heif_channel_Cb) && copy_plane(image, 2, made, heif_channel_Cr);
  }
  if (!whole) return nullptr;
  set_colours(image, made);
  return out.release();
}

heif_error decode_hevc(void* decoder, heif_image** out) {
  *out = nullptr;
  ::de265_flush_data(decoder);
  int more = 1;
  while (more != 0 && *out == nullptr) {
    more = 0;
    if (::de265_decode(decoder, &more) != DE265_OK) return kBroken;
    const de265_image* image = ::de265_peek_next_picture(decoder);
    if (image == nullptr) continue;
    *out = converted(image);
    ::de265_release_next_picture(decoder);
    if (*out == nullptr) return kBroken;
  }
  return *out != nullptr ? kDone : kBroken;
}

const char* hevc_name() { return "sotto-hevc"; }
int is_hevc(heif_compression_format format) { return format == heif_compression_HEVC ? kPriority : 0; }

const char* refuser_name() { return "sotto-none"; }
int is_not_hevc(heif_compression_format format) { return format == heif_compression_HEVC ? 0 : kPriority; }
heif_error refuse(void** decoder) {
  *decoder = nullptr;
  return kRefused;
}
void free_nothing(void* /*decoder*/) {}
heif_error refuse_data(void* /*decoder*/, const void* /*data*/, size_t /*size*/) { return kRefused; }
heif_error refuse_image(void* /*decoder*/, heif_image** /*out*/) { return kRefused; }

const heif_decoder_plugin kHevc = {.plugin_api_version = kPluginApi,
                                   .get_plugin_name = hevc_name,
                                   .init_plugin = nullptr,
                                   .deinit_plugin = nullptr,
                                   .does_support_format = is_hevc,
                                   .new_decoder = new_hevc,
                                   .free_decoder = free_hevc,
                                   .push_data = push_hevc,
                                   .decode_image = decode_hevc};
const heif_decoder_plugin kRefuser = {.plugin_api_version = kPluginApi,
                                      .get_plugin_name = refuser_name,
                                      .init_plugin = nullptr,
                                      .deinit_plugin = nullptr,
                                      .does_support_format = is_not_hevc,
                                      .new_decoder = refuse,
                                      .free_decoder = free_nothing,
                                      .push_data = refuse_data,
                                      .decode_image = refuse_image};

MediaError error_of(const heif_error& error) {
  if (error.code == heif_error_Memory_allocation_error) return MediaError::too_large;
  if (error.code == heif_error_Unsupported_feature || error.code == heif_error_Unsupported_filetype) {
    return MediaError::not_supported;
  }
  return MediaError::malformed;
}

MediaResult<Decoded> copied(const heif_image* image, std::uint32_t width, std::uint32_t height) {
  int stride = 0;
  const std::uint8_t* plane = ::heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);
  const auto real_width = ::heif_image_get_width(image, heif_channel_interleaved);
  const auto real_height = ::heif_image_get_height(image, heif_channel_interleaved);
  if (plane == nullptr || real_width <= 0 || real_height <= 0) return err(MediaError::malformed);
  Decoded out{.source_width = width, .source_height = height};
  SOTTO_CHECK_OK(check_size(static_cast<std::uint64_t>(real_width), static_cast<std::uint64_t>(real_height)));
  out.picture = Picture(static_cast<std::uint32_t>(real_width), static_cast<std::uint32_t>(real_height));
  const std::size_t line = media::pixel_octets(out.picture.width, 1);
  if (stride < 0 || static_cast<std::size_t>(stride) < line) return err(MediaError::malformed);
  for (std::uint32_t y = 0; y < out.picture.height; ++y) {
    std::memcpy(out.picture.row(y), plane + static_cast<std::size_t>(stride) * y, line);
  }
  return out;
}

}  // namespace

bool decodes_heic() { return true; }

void prepare_heic() {
  ::heif_register_decoder_plugin(&kHevc);
  ::heif_register_decoder_plugin(&kRefuser);
}

MediaResult<Decoded> decode_heic(ByteView file) {
  const Held<heif_context, ::heif_context_free> context(::heif_context_alloc());
  if (!context) return err(MediaError::too_large);
  ::heif_context_set_maximum_image_size_limit(context.get(), static_cast<int>(media::kMaxSourceEdge));
  ::heif_context_set_max_decoding_threads(context.get(), 0);
  heif_error error =
      ::heif_context_read_from_memory_without_copy(context.get(), file.data(), file.size(), nullptr);
  if (error.code != heif_error_Ok) return err(error_of(error));
  heif_image_handle* found = nullptr;
  error = ::heif_context_get_primary_image_handle(context.get(), &found);
  if (error.code != heif_error_Ok) return err(error_of(error));
  const Held<heif_image_handle, ::heif_image_handle_release> handle(found);
  const int width = ::heif_image_handle_get_width(found);
  const int height = ::heif_image_handle_get_height(found);
  if (width < 0 || height < 0) return err(MediaError::malformed);
  SOTTO_CHECK_OK(check_size(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height)));
  heif_image* decoded = nullptr;
  error = ::heif_decode_image(found, &decoded, heif_colorspace_RGB, heif_chroma_interleaved_RGBA, nullptr);
  if (error.code != heif_error_Ok) return err(error_of(error));
  const Held<heif_image, ::heif_image_release> image(decoded);
  return copied(decoded, static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height));
}

}  // namespace sotto::media_decoder

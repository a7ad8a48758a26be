// GIF through giflib, which decompresses; where the first picture stands on the canvas and what is
// transparent in it is done here.
#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "media_decoder/formats.h"

namespace sotto::media_decoder {
namespace {

struct Closer {
  void operator()(GifFileType* gif) const { ::DGifCloseFile(gif, nullptr); }
};
using Gif = std::unique_ptr<GifFileType, Closer>;

int read_from_view(GifFileType* gif, GifByteType* into, int length) {
  auto* rest = static_cast<ByteView*>(gif->UserData);
  const std::size_t count = std::min(rest->size(), static_cast<std::size_t>(std::max(length, 0)));
  std::memcpy(into, rest->data(), count);
  *rest = rest->subspan(count);
  return static_cast<int>(count);
}

/// Reads an extension; false if it is broken. Sets `transparent` if it names a transparent colour.
bool read_extension(GifFileType* gif, int& transparent) {
  int code = 0;
  GifByteType* block = nullptr;
  if (::DGifGetExtension(gif, &code, &block) == GIF_ERROR) return false;
  GraphicsControlBlock control;
  if (code == GRAPHICS_EXT_FUNC_CODE && block != nullptr &&
      ::DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
    transparent = control.TransparentColor;
  }
  for (int count = 0; block != nullptr; ++count) {
    if (count > media::kMaxGifBlocks || ::DGifGetExtensionNext(gif, &block) == GIF_ERROR) return false;
  }
  return true;
}

/// Goes on to the next picture; false at the end of the file or if it is broken.
bool find_picture(GifFileType* gif, int& transparent) {
  for (int count = 0; count < media::kMaxGifBlocks; ++count) {
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    if (::DGifGetRecordType(gif, &type) == GIF_ERROR) return false;
    if (type == IMAGE_DESC_RECORD_TYPE) return ::DGifGetImageDesc(gif) == GIF_OK;
    if (type != EXTENSION_RECORD_TYPE || !read_extension(gif, transparent)) return false;
  }
  return false;
}

/// The rows of an interlaced picture come in four passes.
struct Pass {
  std::uint32_t first;
  std::uint32_t step;
};
constexpr std::array kInterlaced = {Pass{0, 8}, Pass{4, 8}, Pass{2, 4}, Pass{1, 2}};
constexpr std::array kPlain = {Pass{0, 1}};

struct Frame {
  std::uint32_t left;
  std::uint32_t top;
  std::uint32_t width;
  std::uint32_t height;
};

bool read_row(GifFileType* gif, const ColorMapObject& colours, int transparent, Bytes& line,
              std::uint8_t* row) {
  if (::DGifGetLine(gif, line.data(), static_cast<int>(line.size())) == GIF_ERROR) return false;
  for (std::size_t x = 0; x < line.size(); ++x) {
    const int index = line[x];
    if (index == transparent) continue;
    if (index >= colours.ColorCount) return false;
    const GifColorType& colour = colours.Colors[index];
    const std::array<std::uint8_t, media::kPixelSize> pixel = {colour.Red, colour.Green, colour.Blue, 255};
    std::memcpy(row + media::kPixelSize * x, pixel.data(), pixel.size());
  }
  return true;
}

bool read_frame(GifFileType* gif, const Frame& frame, int transparent, Picture& canvas) {
  const ColorMapObject* colours = gif->Image.ColorMap != nullptr ? gif->Image.ColorMap : gif->SColorMap;
  if (colours == nullptr) return false;
  Bytes line(frame.width);
  const std::span<const Pass> passes = gif->Image.Interlace ? std::span<const Pass>(kInterlaced) : kPlain;
  for (const Pass& pass : passes) {
    for (std::uint32_t y = pass.first; y < frame.height; y += pass.step) {
      std::uint8_t* row = canvas.row(frame.top + y) + media::kPixelSize * frame.left;
      if (!read_row(gif, *colours, transparent, line, row)) return false;
    }
  }
  return true;
}

}  // namespace

MediaResult<Decoded> decode_gif(ByteView file) {
  ByteView rest = file;
  const Gif gif(::DGifOpen(&rest, read_from_view, nullptr));
  int transparent = NO_TRANSPARENT_COLOR;
  if (!gif || !find_picture(gif.get(), transparent)) return err(MediaError::malformed);
  const GifImageDesc& image = gif->Image;
  if (image.Left < 0 || image.Top < 0 || image.Width < 0 || image.Height < 0 || gif->SWidth < 0 ||
      gif->SHeight < 0) {
    return err(MediaError::malformed);
  }
  Frame frame{.left = static_cast<std::uint32_t>(image.Left),
              .top = static_cast<std::uint32_t>(image.Top),
              .width = static_cast<std::uint32_t>(image.Width),
              .height = static_cast<std::uint32_t>(image.Height)};
  auto width = static_cast<std::uint32_t>(gif->SWidth);
  auto height = static_cast<std::uint32_t>(gif->SHeight);
  // Some programs write a canvas that is too small: then the picture is what there is.
  if (frame.left + frame.width > width || frame.top + frame.height > height) {
    width = frame.width;
    height = frame.height;
    frame.left = frame.top = 0;
  }
  SOTTO_CHECK_OK(check_size(frame.width, frame.height));
  SOTTO_CHECK_OK(check_size(width, height));
  Decoded out{.picture = Picture(width, height), .source_width = width, .source_height = height};
  if (!read_frame(gif.get(), frame, transparent, out.picture)) return err(MediaError::malformed);
  int ignored = NO_TRANSPARENT_COLOR;
  out.animated = find_picture(gif.get(), ignored);
  return out;
}

}  // namespace sotto::media_decoder

// Pictures for tests: in every format, made by the libraries or put together by hand.
#pragma once

#include <gif_lib.h>
#include <gtest/gtest.h>

#include <string_view>

#include "bytes/encoder.h"
#include "media_decoder/encode.h"
#include "media_decoder/formats.h"

namespace sotto::media_decoder::testing {

/// Different everywhere, so that a pixel in the wrong place shows. With `alpha` it gets transparent to the
/// right.
inline Picture gradient(std::uint32_t width, std::uint32_t height, bool alpha = false) {
  Picture out(width, height);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      std::uint8_t* pixel = out.row(y) + media::kPixelSize * x;
      pixel[0] = static_cast<std::uint8_t>(255 * x / width);
      pixel[1] = static_cast<std::uint8_t>(255 * y / height);
      pixel[2] = static_cast<std::uint8_t>(40 + (x / 8 + y / 8) % 2 * 80);
      pixel[3] = alpha ? static_cast<std::uint8_t>(255 - 255 * x / width) : std::uint8_t{255};
    }
  }
  return out;
}

inline int append(GifFileType* gif, const GifByteType* octets, int length) {
  auto* out = static_cast<Bytes*>(gif->UserData);
  out->insert(out->end(), octets, octets + length);
  return length;
}

struct GifPlan {
  int canvas_width = 16;
  int canvas_height = 12;
  int left = 0;
  int top = 0;
  int width = 16;
  int height = 12;
  int frames = 1;
  bool interlaced = false;
};

/// Each pixel's index is (x + y) % 8, and the colour of an index is {32 * index, 0, 255 - 32 * index}.
inline Bytes gif(const GifPlan& plan) {
  Bytes out;
  GifFileType* file = ::EGifOpen(&out, append, nullptr);
  GifColorType colours[8];
  for (int i = 0; i < 8; ++i) {
    colours[i] = {static_cast<GifByteType>(32 * i), 0, static_cast<GifByteType>(255 - 32 * i)};
  }
  ColorMapObject* map = ::GifMakeMapObject(8, colours);
  ::EGifSetGifVersion(file, true);
  ::EGifPutScreenDesc(file, plan.canvas_width, plan.canvas_height, 3, 0, map);
  for (int frame = 0; frame < plan.frames; ++frame) {
    ::EGifPutImageDesc(file, plan.left, plan.top, plan.width, plan.height, plan.interlaced, nullptr);
    std::vector<GifPixelType> line(static_cast<std::size_t>(plan.width));
    const auto put = [&](int y) {
      for (int x = 0; x < plan.width; ++x) {
        line[static_cast<std::size_t>(x)] = static_cast<GifPixelType>((x + y) % 8);
      }
      ::EGifPutLine(file, line.data(), plan.width);
    };
    if (plan.interlaced) {
      for (const auto& [first, step] : {std::pair{0, 8}, std::pair{4, 8}, std::pair{2, 4}, std::pair{1, 2}}) {
        for (int y = first; y < plan.height; y += step) put(y);
      }
    } else {
      for (int y = 0; y < plan.height; ++y) put(y);
    }
  }
  ::GifFreeMapObject(map);
  ::EGifCloseFile(file, nullptr);
  return out;
}

inline void le(Bytes& out, std::uint32_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

inline void chunk(Bytes& out, std::string_view name, ByteView body) {
  out.insert(out.end(), name.begin(), name.end());
  le(out, static_cast<std::uint32_t>(body.size()), 4);
  out.insert(out.end(), body.begin(), body.end());
  if (body.size() % 2 == 1) out.push_back(0);
}

/// Frames of `still`, a WebP file without VP8X, on a canvas that says `width` times `height`.
inline Bytes animated_webp(const Bytes& still, std::uint32_t width, std::uint32_t height, int frames,
                           std::uint32_t frame_width, std::uint32_t frame_height) {
  Bytes body = to_bytes(as_bytes("WEBP"));
  Bytes extended = {0x02, 0, 0, 0};
  le(extended, width - 1, 3);
  le(extended, height - 1, 3);
  chunk(body, "VP8X", extended);
  chunk(body, "ANIM", Bytes(6));
  for (int i = 0; i < frames; ++i) {
    Bytes frame(6);
    le(frame, frame_width - 1, 3);
    le(frame, frame_height - 1, 3);
    le(frame, 100, 3);
    frame.push_back(0);
    frame.insert(frame.end(), still.begin() + 12, still.end());
    chunk(body, "ANMF", frame);
  }
  Bytes out;
  chunk(out, "RIFF", body);
  return out;
}

/// JPEG octets with an Exif segment behind their first marker.
inline Bytes with_orientation(const Bytes& jpeg, std::uint8_t orientation) {
  Bytes exif =
      to_bytes(as_bytes(std::string_view("Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 25)));
  exif.insert(exif.end(), {orientation, 0, 0, 0, 0, 0, 0});
  Bytes out(jpeg.begin(), jpeg.begin() + 2);
  out.insert(out.end(), {0xff, 0xe1});
  out.push_back(static_cast<std::uint8_t>((exif.size() + 2) >> 8));
  out.push_back(static_cast<std::uint8_t>(exif.size() + 2));
  out.insert(out.end(), exif.begin(), exif.end());
  out.insert(out.end(), jpeg.begin() + 2, jpeg.end());
  return out;
}

inline std::array<int, 4> pixel_at(const Picture& picture, std::uint32_t x, std::uint32_t y) {
  const std::uint8_t* pixel = picture.row(y) + media::kPixelSize * x;
  return {pixel[0], pixel[1], pixel[2], pixel[3]};
}

/// The mean difference of two pictures' octets.
inline double distance(const Picture& a, const Picture& b) {
  EXPECT_EQ(a.width, b.width);
  EXPECT_EQ(a.height, b.height);
  if (a.pixels.size() != b.pixels.size()) return 255;
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / static_cast<double>(a.pixels.size());
}

}  // namespace sotto::media_decoder::testing

#include <algorithm>

#include "media_decoder/exif.h"
#include "media_decoder/scale.h"
#include "media_decoder/test_pictures.h"
#include "paths/paths.h"
#include "paths/test_folder.h"

namespace sotto::media_decoder {
namespace {

using testing::gradient;

Outcome decoded(const Bytes& file, std::uint32_t max_edge = 4096) {
  auto out = decode(file, max_edge);
  EXPECT_TRUE(out) << describe(out.error());
  return out ? std::move(*out) : Outcome{};
}

Bytes encoded(Format format, const Picture& picture) {
  auto out = encode(format, picture);
  EXPECT_TRUE(out);
  return out ? std::move(*out) : Bytes();
}

TEST(Decoding, GivesBackWhatWasEncoded) {
  const Picture picture = gradient(61, 47);
  for (const auto& [format, tolerance] :
       {std::pair{Format::png, 0.0}, std::pair{Format::jpeg, 6.0}, std::pair{Format::webp, 6.0}}) {
    const Outcome out = decoded(encoded(format, picture));
    EXPECT_EQ(out.head.format, format);
    EXPECT_FALSE(out.head.animated);
    EXPECT_EQ(out.head.source_width, 61U);
    EXPECT_EQ(out.head.height, 47U);
    EXPECT_LE(testing::distance(out.picture, picture), tolerance) << media::name_of(format);
  }
}

TEST(Decoding, KeepsWhatIsTransparent) {
  const Picture picture = gradient(40, 30, true);
  EXPECT_EQ(decoded(encoded(Format::png, picture)).picture.pixels, picture.pixels);
  const Picture webp = decoded(encoded(Format::webp, picture)).picture;
  for (std::uint32_t x = 0; x < 40; ++x)
    EXPECT_EQ(testing::pixel_at(webp, x, 7)[3], 255 - 255 * static_cast<int>(x) / 40);
}

TEST(Decoding, PutsAJpegOnWhite) {
  Picture clear(16, 16);
  const Picture out = decoded(encoded(Format::jpeg, clear)).picture;
  EXPECT_EQ(testing::pixel_at(out, 8, 8), (std::array{255, 255, 255, 255}));
}

TEST(Decoding, ScalesDownToTheEdgeThatIsAskedFor) {
  const Picture picture = gradient(1000, 500);
  for (const Format format : {Format::png, Format::jpeg, Format::webp}) {
    const Outcome out = decoded(encoded(format, picture), 100);
    EXPECT_EQ(out.head.source_width, 1000U);
    EXPECT_EQ(out.head.source_height, 500U);
    EXPECT_EQ(out.head.width, 100U);
    EXPECT_EQ(out.head.height, 50U);
    EXPECT_LE(testing::distance(out.picture, scale_to_fit(picture, 100)), 6.0) << media::name_of(format);
  }
}

TEST(Decoding, ReadsThePrimaryPictureOfAHeicFile) {
  const std::string text = paths::read_all(paths::source_dir() + "/tests/fuzz/corpus/picture_fuzz/heic");
  const Bytes file = to_bytes(as_bytes(text));
  ASSERT_FALSE(file.empty());
  if (!decodes_heic()) {
    EXPECT_EQ(decode(file, 64).error(), MediaError::not_supported);
    GTEST_SKIP() << "built without HEIC";
  }
  prepare_heic();
  const Outcome out = decoded(file);
  EXPECT_EQ(out.head.format, Format::heic);
  EXPECT_LE(testing::distance(out.picture, gradient(64, 48)), 12.0);
  // Another codec inside the same container is not decoded.
  Bytes other = file;
  const std::string_view chars = as_chars(file);
  for (const std::string_view name : {"hvc1", "hvcC"}) {
    for (std::size_t at = chars.find(name); at != std::string_view::npos; at = chars.find(name, at + 1)) {
      const std::string_view replacement = name == "hvc1" ? "av01" : "av1C";
      std::ranges::copy(replacement, other.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  const auto refused = decode(other, 64);
  EXPECT_FALSE(refused);
}

TEST(Decoding, TakesTheFirstPictureOfAGif) {
  for (const bool interlaced : {false, true}) {
    const Outcome out = decoded(testing::gif({.interlaced = interlaced}));
    EXPECT_FALSE(out.head.animated);
    EXPECT_EQ(out.head.width, 16U);
    EXPECT_EQ(out.head.height, 12U);
    for (std::uint32_t y = 0; y < 12; ++y) {
      const int index = static_cast<int>((5 + y) % 8);
      EXPECT_EQ(testing::pixel_at(out.picture, 5, y), (std::array{32 * index, 0, 255 - 32 * index, 255}));
    }
  }
  EXPECT_TRUE(decoded(testing::gif({.frames = 5})).head.animated);
}

TEST(Decoding, PlacesAGifFrameOnItsCanvasOrDoesWithoutOne) {
  const Outcome inside = decoded(
      testing::gif({.canvas_width = 20, .canvas_height = 20, .left = 4, .top = 6, .width = 8, .height = 8}));
  EXPECT_EQ(inside.head.width, 20U);
  EXPECT_EQ(testing::pixel_at(inside.picture, 0, 0)[3], 0);
  EXPECT_EQ(testing::pixel_at(inside.picture, 4, 6), (std::array{0, 0, 255, 255}));
  const Outcome outside = decoded(testing::gif(
      {.canvas_width = 4, .canvas_height = 4, .left = 60000, .top = 60000, .width = 8, .height = 8}));
  EXPECT_EQ(outside.head.width, 8U);
  EXPECT_EQ(testing::pixel_at(outside.picture, 0, 0), (std::array{0, 0, 255, 255}));
}

TEST(Decoding, TakesTheFirstFrameOfAWebpAnimation) {
  const Picture picture = gradient(32, 24);
  const Bytes still = encoded(Format::webp, picture);
  const Outcome out = decoded(testing::animated_webp(still, 32, 24, 3, 32, 24));
  EXPECT_TRUE(out.head.animated);
  EXPECT_LE(testing::distance(out.picture, picture), 6.0);
  EXPECT_FALSE(decoded(testing::animated_webp(still, 32, 24, 1, 32, 24)).head.animated);
}

TEST(Decoding, TurnsAJpegUprightAsTheCameraWasHeld) {
  // 6: the camera was turned left, so the stored first row is the right edge.
  Picture picture(64, 32);
  for (std::uint32_t x = 0; x < 64; ++x) {
    for (std::uint32_t y = 0; y < 32; ++y) {
      std::uint8_t* pixel = picture.row(y) + media::kPixelSize * x;
      pixel[0] = y < 16 ? 255 : 0;
      pixel[2] = x < 32 ? 255 : 0;
      pixel[3] = 255;
    }
  }
  const Bytes jpeg = encoded(Format::jpeg, picture);
  const Outcome out = decoded(testing::with_orientation(jpeg, 6));
  EXPECT_EQ(out.head.source_width, 32U);
  EXPECT_EQ(out.head.height, 64U);
  EXPECT_GT(testing::pixel_at(out.picture, 28, 4)[0], 200);  // first row: right
  EXPECT_GT(testing::pixel_at(out.picture, 28, 4)[2], 200);  // first column: top
  EXPECT_LT(testing::pixel_at(out.picture, 4, 60)[0], 60);
  EXPECT_LT(testing::pixel_at(out.picture, 4, 60)[2], 60);
  EXPECT_EQ(decoded(testing::with_orientation(jpeg, 1)).head.width, 64U);
  EXPECT_EQ(decoded(testing::with_orientation(jpeg, 0)).head.width, 64U);
  EXPECT_EQ(decoded(testing::with_orientation(jpeg, 9)).head.width, 64U);
}

TEST(Decoding, TurnsEveryOrientationAndBack) {
  Picture picture(3, 2);
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) picture.pixels[i] = static_cast<std::uint8_t>(i);
  const auto first_after = [&](Orientation orientation) {
    return turned_upright({.picture = picture}, orientation).picture.pixels[0] / 4;
  };
  // Which of the stored pixels 0 1 2 / 3 4 5 comes to the upper left (Exif 2.32 4.6.4).
  EXPECT_EQ(first_after(Orientation::mirrored), 2);
  EXPECT_EQ(first_after(Orientation::upside_down), 5);
  EXPECT_EQ(first_after(Orientation::upside_down_mirrored), 3);
  EXPECT_EQ(first_after(Orientation::transposed), 0);
  EXPECT_EQ(first_after(Orientation::turn_right), 3);
  EXPECT_EQ(first_after(Orientation::transversed), 5);
  EXPECT_EQ(first_after(Orientation::turn_left), 2);
}

TEST(Scaling, TakesTheMeanOfWhatAPixelCovers) {
  Picture picture(4, 2);
  for (std::uint32_t x = 0; x < 4; ++x) {
    for (std::uint32_t y = 0; y < 2; ++y) {
      std::uint8_t* pixel = picture.row(y) + media::kPixelSize * x;
      pixel[0] = x % 2 == 0 ? 0 : 100;
      pixel[1] = y == 0 ? 10 : 20;
      pixel[3] = 255;
    }
  }
  const Picture half = scale_to_fit(picture, 2);
  EXPECT_EQ(half.width, 2U);
  EXPECT_EQ(half.height, 1U);
  EXPECT_EQ(testing::pixel_at(half, 1, 0), (std::array{50, 15, 0, 255}));
  EXPECT_EQ(scale_to_fit(picture, 4).pixels, picture.pixels);
}

TEST(Scaling, LetsTransparentPixelsLendNoColour) {
  Picture picture(2, 1);
  picture.pixels = {200, 100, 50, 255, 0, 255, 0, 0};
  EXPECT_EQ(testing::pixel_at(scale_to_fit(picture, 1), 0, 0), (std::array{200, 100, 50, 128}));
}

TEST(Scaling, LeavesAtLeastAPixel) {
  const Picture line = scale_to_fit(gradient(3000, 1), 7);
  EXPECT_EQ(line.width, 7U);
  EXPECT_EQ(line.height, 1U);
}

TEST(Thumbnails, FitIntoAMessageWhateverThePicture) {
  Picture noise(700, 500);
  std::uint32_t state = 1;
  for (auto& octet : noise.pixels)
    octet = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  for (std::size_t i = 3; i < noise.pixels.size(); i += 4) noise.pixels[i] = 255;
  for (const Picture& picture : {noise, gradient(700, 500), gradient(1, 1), gradient(4096, 1)}) {
    const auto thumbnail = make_thumbnail(picture, media::kThumbnailEdge);
    ASSERT_TRUE(thumbnail);
    EXPECT_LE(thumbnail->file.size(), media::kMaxThumbnail);
    EXPECT_LE(thumbnail->width, media::kThumbnailEdge);
    const Outcome out = decoded(thumbnail->file);
    EXPECT_EQ(out.head.width, thumbnail->width);
    EXPECT_EQ(out.head.height, thumbnail->height);
  }
  EXPECT_EQ(make_thumbnail(gradient(700, 500), media::kThumbnailEdge)->width, media::kThumbnailEdge);
  EXPECT_EQ(make_thumbnail(gradient(700, 500), media::kHiddenThumbnailEdge)->width,
            media::kHiddenThumbnailEdge);
}

}  // namespace
}  // namespace sotto::media_decoder

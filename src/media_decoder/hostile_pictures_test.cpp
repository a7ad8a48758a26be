// Damaged and hostile files against the decoders themselves, under the sanitizers: whatever the octets, a
// picture within the limits or an error. tests/media does the same through the confined program.
#include <algorithm>

#include "media_decoder/jpeg_guard.h"
#include "media_decoder/test_pictures.h"
#include "paths/paths.h"
#include "paths/test_folder.h"

namespace sotto::media_decoder {
namespace {

using testing::gradient;

constexpr std::uint32_t kEdge = 64;

Bytes encoded(Format format, const Picture& picture) { return encode(format, picture).value(); }

Bytes heic() {
  return to_bytes(as_bytes(paths::read_all(paths::source_dir() + "/tests/fuzz/corpus/picture_fuzz/heic")));
}

struct Sample {
  std::string_view name;
  Bytes file;
};

std::vector<Sample> samples() {
  prepare_heic();
  const Picture small = gradient(16, 12);
  const Picture clear = gradient(16, 12, true);
  const Bytes webp = encoded(Format::webp, small);
  return {{"png", encoded(Format::png, small)},
          {"png, transparent", encoded(Format::png, clear)},
          {"jpeg", encoded(Format::jpeg, small)},
          {"jpeg, turned", testing::with_orientation(encoded(Format::jpeg, small), 6)},
          {"webp", webp},
          {"webp, transparent", encoded(Format::webp, clear)},
          {"webp, animated", testing::animated_webp(webp, 16, 12, 2, 16, 12)},
          {"gif", testing::gif({})},
          {"gif, animated", testing::gif({.frames = 2, .interlaced = true})},
          {"heic", heic()}};
}

/// The outcome is one that the client takes.
bool holds(const Bytes& file) {
  const auto out = decode(file, kEdge);
  if (!out) return true;
  const auto head = media::decode_picture_head(media::encode(out->head), kEdge);
  return head && out->picture.pixels.size() == media::pixel_octets(head->width, head->height);
}

TEST(HostilePictures, AreRefusedOrHarmlessWhenCutAtEveryLength) {
  for (const Sample& sample : samples()) {
    std::size_t whole = 0;
    for (std::size_t size = 0; size < sample.file.size(); ++size) {
      const Bytes cut(sample.file.begin(), sample.file.begin() + static_cast<std::ptrdiff_t>(size));
      ASSERT_TRUE(holds(cut)) << sample.name << " cut at " << size;
      if (decode(cut, kEdge)) ++whole;
    }
    // Only octets behind the first picture can be missing.
    const bool animated = sample.name.ends_with("animated");
    EXPECT_LE(whole, animated ? sample.file.size() / 2 : 16U) << sample.name;
  }
}

TEST(HostilePictures, AreRefusedOrHarmlessWithEveryBitFlipped) {
  for (const Sample& sample : samples()) {
    for (std::size_t bit = 0; bit < sample.file.size() * 8; ++bit) {
      Bytes file = sample.file;
      file[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      ASSERT_TRUE(holds(file)) << sample.name << ", bit " << bit;
    }
  }
}

TEST(HostilePictures, AreRefusedOrHarmlessWithEveryNumberReplaced) {
  constexpr std::array<std::array<std::uint8_t, 4>, 4> kNumbers = {
      {{0, 0, 0, 0}, {255, 255, 255, 255}, {127, 255, 255, 255}, {0, 0, 0, 1}}};
  for (const Sample& sample : samples()) {
    for (std::size_t at = 0; at + 4 <= sample.file.size(); ++at) {
      for (const auto& number : kNumbers) {
        for (const std::size_t width : {2U, 4U}) {
          Bytes file = sample.file;
          std::copy_n(number.begin(), width, file.begin() + static_cast<std::ptrdiff_t>(at));
          ASSERT_TRUE(holds(file)) << sample.name << ", octet " << at;
        }
      }
    }
  }
}

TEST(HostilePictures, MayNotBeOfAnotherSort) {
  EXPECT_EQ(decode({}, kEdge).error(), MediaError::not_a_picture);
  for (const std::string_view text :
       {"BM\x46\0", "<svg xmlns='http://www.w3.org/2000/svg'/>", "%PDF-1.7", "RIFF....WAVE", "\x89PNG\r\n",
        "\0\0\0\x18"
        "ftypmp42",
        "II*\0"}) {
    EXPECT_EQ(decode(as_bytes(text), kEdge).error(), MediaError::not_a_picture) << text;
  }
}

void put_u32(Bytes& file, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) file[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

std::uint32_t crc_of(ByteView octets) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t octet : octets) {
    crc ^= octet;
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
  }
  return ~crc;
}

/// A PNG file that says it has this size, with a right checksum.
Bytes png_of(std::uint32_t width, std::uint32_t height) {
  Bytes file = encoded(Format::png, gradient(16, 12));
  put_u32(file, 16, width);
  put_u32(file, 20, height);
  put_u32(file, 29, crc_of(ByteView(file).subspan(12, 17)));
  return file;
}

TEST(HostilePictures, MayNotBeLargerThanTheLimitsWhateverTheyHold) {
  EXPECT_EQ(decode(png_of(30000, 30000), kEdge).error(), MediaError::too_large);
  EXPECT_EQ(decode(png_of(media::kMaxSourceEdge + 1, 1), kEdge).error(), MediaError::too_large);
  EXPECT_EQ(decode(png_of(0x7fffffff, 0x7fffffff), kEdge).error(), MediaError::malformed);
  EXPECT_EQ(decode(png_of(6000, 6000), kEdge).error(), MediaError::malformed);  // its pixels are not there
  EXPECT_EQ(decode(testing::gif({.canvas_width = 65535, .canvas_height = 65535}), kEdge).error(),
            MediaError::too_large);
  Bytes jpeg = encoded(Format::jpeg, gradient(16, 12));
  const auto frame =
      std::ranges::search(jpeg, std::array<std::uint8_t, 2>{0xff, 0xc0}).begin() - jpeg.begin();
  for (std::size_t i = 5; i < 9; ++i) jpeg[static_cast<std::size_t>(frame) + i] = 0xfd;
  EXPECT_EQ(decode(jpeg, kEdge).error(), MediaError::too_large);
  const Bytes still = encoded(Format::webp, gradient(16, 12));
  EXPECT_EQ(decode(testing::animated_webp(still, 1U << 24, 200, 1, 16, 12), kEdge).error(),
            MediaError::too_large);
  EXPECT_TRUE(holds(testing::animated_webp(still, 16, 12, 1, 4000, 4000)));
}

/// A chunk with text that is deflated: `size` zeros in stored form would not be a bomb, so this is made by
/// libpng's own compressor, through a picture of one colour.
TEST(HostilePictures, MayHoldMuchInLittleWithinTheLimits) {
  const Picture black(6000, 6000);
  const Bytes file = encoded(Format::png, black);
  EXPECT_LT(file.size(), 1U << 20);  // 144 MB in well under one
  const auto out = decode(file, kEdge);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->head.source_width, 6000U);
  EXPECT_EQ(out->picture.pixels.size(), media::pixel_octets(kEdge, kEdge));
}

/// A progressive JPEG whose last scan comes again and again.
Bytes many_scans(int count) {
  struct Writer {
    jpeg_compress_struct jpeg{};
    JpegGuard guard{};
    unsigned char* file = nullptr;
    unsigned long size = 0;
  } writer;
  writer.jpeg.err = guarded(writer.guard);
  ::jpeg_create_compress(&writer.jpeg);
  ::jpeg_mem_dest(&writer.jpeg, &writer.file, &writer.size);
  writer.jpeg.image_width = writer.jpeg.image_height = 64;
  writer.jpeg.input_components = 1;
  writer.jpeg.in_color_space = JCS_GRAYSCALE;
  ::jpeg_set_defaults(&writer.jpeg);
  ::jpeg_simple_progression(&writer.jpeg);
  ::jpeg_start_compress(&writer.jpeg, TRUE);
  Bytes line(64, 0x55);
  for (int y = 0; y < 64; ++y) {
    JSAMPROW row = line.data();
    ::jpeg_write_scanlines(&writer.jpeg, &row, 1);
  }
  ::jpeg_finish_compress(&writer.jpeg);
  Bytes file(writer.file, writer.file + writer.size);
  ::jpeg_destroy_compress(&writer.jpeg);
  std::free(writer.file);
  // The first scan carries the mean of each block and may come again without a complaint of libjpeg.
  const std::array<std::uint8_t, 2> kScan = {0xff, 0xda};
  const auto first = std::ranges::search(file, kScan).begin();
  const auto behind = std::find_if(first + 2, file.end() - 1, [&](const std::uint8_t& octet) {
    return octet == 0xff && *(&octet + 1) != 0;
  });
  const Bytes scan(first, behind);
  for (int i = 0; i < count; ++i) file.insert(file.end() - 2, scan.begin(), scan.end());
  return file;
}

TEST(HostilePictures, MayNotKeepTheDecoderBusyWithScans) {
  EXPECT_TRUE(decode(many_scans(20), kEdge));
  EXPECT_EQ(decode(many_scans(3000), kEdge).error(), MediaError::malformed);
}

TEST(HostilePictures, MayNotKeepTheDecoderBusyWithBlocks) {
  const Bytes gif = testing::gif({});
  const std::size_t head = 13 + 3 * 8;
  const auto with_comments = [&](int count) {
    Bytes file(gif.begin(), gif.begin() + static_cast<std::ptrdiff_t>(head));
    for (int i = 0; i < count; ++i) file.insert(file.end(), {0x21, 0xfe, 1, 'x', 0});
    file.insert(file.end(), gif.begin() + static_cast<std::ptrdiff_t>(head), gif.end());
    return file;
  };
  EXPECT_TRUE(decode(with_comments(10), kEdge));
  EXPECT_EQ(decode(with_comments(media::kMaxGifBlocks), kEdge).error(), MediaError::malformed);
}

}  // namespace
}  // namespace sotto::media_decoder

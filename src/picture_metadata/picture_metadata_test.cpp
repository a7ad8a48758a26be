#include "picture_metadata/picture_metadata.h"

#include <gtest/gtest.h>

#include <string>

#include "picture_metadata/formats.h"

namespace sotto::picture_metadata {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSecret = "59.3293N 18.0686E";

Bytes octets(std::string_view text) { return to_bytes(as_bytes(text)); }

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes out;
  for (const Bytes& part : parts) append(out, part);
  return out;
}

bool contains(ByteView octets, std::string_view what) {
  return as_chars(octets).find(what) != std::string_view::npos;
}

/// TIFF with an orientation and a place, in either order of octets.
Bytes exif(std::uint8_t orientation, bool little) {
  Bytes out = little ? octets("II*\0\x08\0\0\0\x02\0"sv) : octets("MM\0*\0\0\0\x08\0\x02"sv);
  append(out, little ? octets("\x25\x88\x02\0\x11\0\0\0\x26\0\0\0"sv)
                     : octets("\x88\x25\0\x02\0\0\0\x11\0\0\0\x26"sv));
  Bytes entry = little ? octets("\x12\x01\x03\0\x01\0\0\0"sv) : octets("\x01\x12\0\x03\0\0\0\x01"sv);
  append(entry, little ? Bytes{orientation, 0, 0, 0} : Bytes{0, orientation, 0, 0});
  append(out, entry);
  append(out, Bytes{0, 0, 0, 0});
  append(out, as_bytes(kSecret));
  return out;
}

Bytes segment(std::uint8_t marker, ByteView payload) {
  Bytes out{0xff, marker, static_cast<std::uint8_t>((payload.size() + 2) >> 8),
            static_cast<std::uint8_t>(payload.size() + 2)};
  append(out, payload);
  return out;
}

const Bytes kSoi{0xff, 0xd8};
const Bytes kEoi{0xff, 0xd9};

Bytes app1(std::uint8_t orientation, bool little = false) {
  return segment(0xe1, joined({octets("Exif\0\0"sv), exif(orientation, little)}));
}

/// What is shown: tables, a frame, a scan with stuffed octets and restarts, then a second scan.
Bytes shown() {
  return joined({segment(0xdb, Bytes(65, 1)), segment(0xc2, Bytes(15, 2)), segment(0xc4, Bytes(20, 3)),
                 segment(0xda, Bytes(10, 4)),
                 Bytes{0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0xff, 0xd7, 0x78},
                 segment(0xc4, Bytes(20, 5)), segment(0xda, Bytes(10, 6)), Bytes{0x9a}});
}

Bytes jfif(ByteView thumbnail = {}, std::uint8_t side = 0) {
  Bytes payload = octets("JFIF\0\x01\x02\0\0\x01\0\x01"sv);
  append(payload, Bytes{side, side});
  append(payload, thumbnail);
  return segment(0xe0, payload);
}

std::uint32_t crc(ByteView checked) {
  std::uint32_t value = 0xffffffffU;
  for (const std::uint8_t octet : checked) {
    value ^= octet;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? 0xedb88320U ^ (value >> 1) : value >> 1;
  }
  return ~value;
}

Bytes number(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
          static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

Bytes png_chunk(std::string_view type, ByteView data) {
  const Bytes checked = joined({octets(type), to_bytes(data)});
  return joined({number(static_cast<std::uint32_t>(data.size())), checked, number(crc(checked))});
}

const Bytes kPng = octets("\x89PNG\r\n\x1a\n"sv);

Bytes webp_chunk(std::string_view type, ByteView data) {
  Bytes out = octets(type);
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(data.size() >> (8 * i)));
  append(out, data);
  if (data.size() % 2 != 0) out.push_back(0);
  return out;
}

Bytes webp(const std::vector<Bytes>& chunks) {
  return webp_chunk("RIFF", joined({octets("WEBP"), joined(chunks)}));
}

Bytes extended(std::uint8_t flags) { return webp_chunk("VP8X", Bytes{flags, 0, 0, 0, 9, 0, 0, 9, 0, 0}); }

Bytes rewritten(ByteView picture) {
  const auto out = without_metadata(picture);
  EXPECT_TRUE(out) << (out ? "" : describe(out.error()));
  return out.value_or(Bytes{});
}

void every_cut_is_refused(const Bytes& picture, std::size_t from = 0) {
  for (std::size_t length = from; length < picture.size(); ++length) {
    EXPECT_FALSE(without_metadata(ByteView(picture).first(length))) << length;
  }
}

TEST(JpegMetadataTest, LeavesWhatIsShownAndNothingElse) {
  const Bytes icc = segment(0xe2, octets("ICC_PROFILE\0\x01\x01profile"sv));
  const Bytes adobe = segment(0xee, octets("Adobe\0\x64\0\0\0\0\x01"sv));
  const Bytes picture =
      joined({kSoi, jfif(), app1(1),
              segment(0xe1, joined({octets("http://ns.adobe.com/xap/1.0/\0"sv), octets(kSecret)})), icc,
              segment(0xed, octets(kSecret)), adobe, segment(0xfe, octets(kSecret)),
              segment(0xe2, joined({octets("MPF\0"sv), octets(kSecret)})), shown(), kEoi, octets(kSecret)});
  const Bytes out = rewritten(picture);
  EXPECT_EQ(out, joined({kSoi, jfif(), icc, adobe, shown(), kEoi}));
  EXPECT_FALSE(contains(out, kSecret));
}

TEST(JpegMetadataTest, KeepsHowTheCameraWasHeldAndNothingElseOfExif) {
  for (const bool little : {false, true}) {
    const Bytes out = rewritten(joined({kSoi, app1(6, little), shown(), kEoi}));
    EXPECT_FALSE(contains(out, kSecret));
    EXPECT_TRUE(contains(out, "Exif"));
    EXPECT_EQ(exif_orientation(exif_of(6)), 6);
    EXPECT_EQ(rewritten(out), out);
  }
  EXPECT_FALSE(contains(rewritten(joined({kSoi, app1(9), shown(), kEoi})), "Exif"));
}

TEST(JpegMetadataTest, LeavesOutThumbnails) {
  const Bytes out = rewritten(
      joined({kSoi, jfif(Bytes(27, 'T'), 3), segment(0xe0, octets("JFXX\0\x10TTTT"sv)), shown(), kEoi}));
  EXPECT_EQ(out, joined({kSoi, jfif(), shown(), kEoi}));
}

TEST(JpegMetadataTest, WhatIsCutOrNotUnderstoodIsRefused) {
  every_cut_is_refused(joined({kSoi, jfif(), app1(6), shown(), kEoi}));
  EXPECT_EQ(without_metadata(joined({kSoi, segment(0xc8, Bytes(3)), shown(), kEoi})).error(),
            MetadataError::malformed);
  EXPECT_EQ(without_metadata(joined({kSoi, jfif(), octets("text"), kEoi})).error(), MetadataError::malformed);
  EXPECT_EQ(without_metadata(joined({kSoi, Bytes{0xff, 0xe1, 0, 1}, kEoi})).error(),
            MetadataError::malformed);
  EXPECT_EQ(without_metadata(joined({kSoi, kSoi, kEoi})).error(), MetadataError::malformed);
}

TEST(PngMetadataTest, LeavesWhatIsShownAndNothingElse) {
  const auto kept = [](std::string_view type) { return png_chunk(type, Bytes(13, 7)); };
  const Bytes picture = joined({kPng, kept("IHDR"), png_chunk("tEXt", as_bytes(kSecret)), kept("iCCP"),
                                png_chunk("iTXt", as_bytes(kSecret)), png_chunk("zTXt", as_bytes(kSecret)),
                                png_chunk("tIME", Bytes(7, 1)), png_chunk("prVt", as_bytes(kSecret)),
                                kept("tRNS"), kept("acTL"), kept("fcTL"), kept("IDAT"), kept("fdAT"),
                                png_chunk("eXIf", exif(1, true)), kept("IEND"), octets(kSecret)});
  const Bytes out = rewritten(picture);
  EXPECT_EQ(out, joined({kPng, kept("IHDR"), kept("iCCP"), kept("tRNS"), kept("acTL"), kept("fcTL"),
                         kept("IDAT"), kept("fdAT"), kept("IEND")}));
}

TEST(PngMetadataTest, KeepsHowTheCameraWasHeld) {
  const Bytes out = rewritten(joined({kPng, png_chunk("IHDR", Bytes(13)), png_chunk("eXIf", exif(8, true)),
                                      png_chunk("IDAT", Bytes(5)), png_chunk("IEND", {})}));
  EXPECT_FALSE(contains(out, kSecret));
  EXPECT_TRUE(contains(out, as_chars(png_chunk("eXIf", exif_of(8)))));
  EXPECT_EQ(rewritten(out), out);
}

TEST(PngMetadataTest, WhatIsCutOrNotUnderstoodIsRefused) {
  const Bytes good =
      joined({kPng, png_chunk("IHDR", Bytes(13)), png_chunk("IDAT", Bytes(5)), png_chunk("IEND", {})});
  every_cut_is_refused(good);
  EXPECT_FALSE(without_metadata(joined({kPng, png_chunk("NEWC", {}), png_chunk("IEND", {})})))
      << "unknown and critical";
  for (std::size_t i = kPng.size(); i < good.size(); ++i) {
    Bytes changed = good;
    changed[i] ^= 1;
    EXPECT_FALSE(without_metadata(changed)) << i;
  }
}

TEST(WebpMetadataTest, LeavesWhatIsShownAndNothingElse) {
  const Bytes frame =
      joined({Bytes(16, 2), webp_chunk("ALPH", Bytes(3, 3)), webp_chunk("VP8 ", Bytes(5, 4))});
  const Bytes noisy = joined({Bytes(16, 2), webp_chunk("ALPH", Bytes(3, 3)),
                              webp_chunk("note", as_bytes(kSecret)), webp_chunk("VP8 ", Bytes(5, 4))});
  const Bytes picture =
      joined({webp({extended(0x2e), webp_chunk("ICCP", Bytes(9, 1)), webp_chunk("ANIM", Bytes(6)),
                    webp_chunk("ANMF", noisy), webp_chunk("EXIF", exif(1, false)),
                    webp_chunk("XMP ", as_bytes(kSecret)), webp_chunk("note", as_bytes(kSecret))}),
              octets(kSecret)});
  EXPECT_EQ(rewritten(picture), webp({extended(0x22), webp_chunk("ICCP", Bytes(9, 1)),
                                      webp_chunk("ANIM", Bytes(6)), webp_chunk("ANMF", frame)}));
  const Bytes simple = webp({webp_chunk("VP8L", Bytes(7, 1))});
  EXPECT_EQ(rewritten(simple), simple);
}

TEST(WebpMetadataTest, KeepsHowTheCameraWasHeld) {
  for (const Bytes& data : {exif(3, true), joined({octets("Exif\0\0"sv), exif(3, false)})}) {
    const Bytes out =
        rewritten(webp({extended(0x0c), webp_chunk("VP8 ", Bytes(4)), webp_chunk("EXIF", data)}));
    EXPECT_EQ(out, webp({extended(0x08), webp_chunk("VP8 ", Bytes(4)), webp_chunk("EXIF", exif_of(3))}));
    EXPECT_EQ(rewritten(out), out);
  }
}

TEST(WebpMetadataTest, WhatIsCutOrNotUnderstoodIsRefused) {
  const Bytes good = webp({extended(0), webp_chunk("VP8 ", Bytes(4)), webp_chunk("ANMF", Bytes(16))});
  every_cut_is_refused(good);
  EXPECT_FALSE(without_metadata(webp({extended(0), extended(0)})));
  EXPECT_FALSE(without_metadata(webp({webp_chunk("VP8X", Bytes(9))})));
  EXPECT_FALSE(without_metadata(webp({webp_chunk("ANMF", Bytes(15))})));
  EXPECT_FALSE(without_metadata(webp({webp_chunk("ANMF", Bytes(19))})));
}

TEST(PictureMetadataTest, FormatsAreToldByTheirOctets) {
  EXPECT_EQ(kind_of(joined({kSoi, jfif()})), Kind::jpeg);
  EXPECT_EQ(kind_of(kPng), Kind::png);
  EXPECT_EQ(kind_of(webp({})), Kind::webp);
  for (const std::string_view head : {"GIF89a"sv, "II*\0...."sv, "MM\0*...."sv,
                                      "\0\0\0\x18"
                                      "ftypheic\0\0"sv,
                                      "\0\0\0\x18"
                                      "ftypavif\0\0"sv}) {
    EXPECT_EQ(kind_of(as_bytes(head)), Kind::other_picture) << head;
    EXPECT_EQ(without_metadata(as_bytes(head)).error(), MetadataError::not_supported);
  }
  for (const std::string_view head : {""sv, "%PDF-1.7"sv, "RIFF....WAVE"sv,
                                      "\0\0\0\x18"
                                      "ftypisom\0\0"sv}) {
    EXPECT_EQ(kind_of(as_bytes(head)), Kind::no_picture) << head;
  }
  EXPECT_EQ(without_metadata(Bytes(kMaxPictureOctets + 1)).error(), MetadataError::too_large);
}

}  // namespace
}  // namespace sotto::picture_metadata

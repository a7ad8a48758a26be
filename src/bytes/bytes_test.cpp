#include <gtest/gtest.h>

#include "bytes/base32.h"
#include "bytes/encoder.h"
#include "bytes/hex.h"

namespace sotto {
namespace {

TEST(Hex, RoundTripsEveryOctet) {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  EXPECT_EQ(from_hex(to_hex(all)), all);
  EXPECT_EQ(from_hex("DEADbeef"), (Bytes{0xde, 0xad, 0xbe, 0xef}));
}

TEST(Hex, RefusesOddLengthAndForeignCharacters) {
  EXPECT_EQ(from_hex("abc"), std::nullopt);
  EXPECT_EQ(from_hex("0g"), std::nullopt);
  EXPECT_EQ(from_hex("0x12"), std::nullopt);
}

TEST(Base32, GivesTheVectorsOfRfc4648) {
  // RFC 4648 section 10, without the padding
  for (const auto& [plain, encoded] : {std::pair{"", ""},
                                       {"f", "MY"},
                                       {"fo", "MZXQ"},
                                       {"foo", "MZXW6"},
                                       {"foob", "MZXW6YQ"},
                                       {"fooba", "MZXW6YTB"},
                                       {"foobar", "MZXW6YTBOI"}}) {
    EXPECT_EQ(to_base32(as_bytes(plain)), encoded);
    EXPECT_EQ(from_base32(encoded), to_bytes(as_bytes(plain)));
  }
  EXPECT_EQ(from_base32("mzxw6ytboi"), to_bytes(as_bytes("foobar")));
}

TEST(Base32, RefusesForeignCharactersImpossibleLengthsAndUnusedBits) {
  for (const char* bad : {"M0", "M1", "M8", "M=", "M Y", "A", "AAA", "AAAAAA", "MZ", "MZXW6YTBOJ"}) {
    EXPECT_EQ(from_base32(bad), std::nullopt) << bad;
  }
}

Bytes sample() {
  Encoder encoder;
  encoder.label("t").u8(1).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0d0e0f).var(as_bytes("ab"));
  return std::move(encoder).take();
}

bool parse_sample(ByteView input) {
  Decoder decoder(input);
  decoder.label("t");
  const bool values = decoder.u8() == 1 && decoder.u16() == 0x0203 && decoder.u32() == 0x04050607 &&
                      decoder.u64() == 0x08090a0b0c0d0e0f && as_chars(decoder.var(2)) == "ab";
  return decoder.finished() && values;
}

TEST(Encoder, WritesBigEndianLengthPrefixedAndLabelledFields) {
  EXPECT_EQ(to_hex(sample()),
            "7370312e740001020304050607"
            "08090a0b0c0d0e0f"
            "00000002"
            "6162");
}

TEST(Decoder, ReadsWhatTheEncoderWrote) { EXPECT_TRUE(parse_sample(sample())); }

TEST(Decoder, FailsOnTruncationAtEveryLengthAndOnExtraOctets) {
  Bytes input = sample();
  for (std::size_t length = 0; length < input.size(); ++length) {
    EXPECT_FALSE(parse_sample(ByteView(input).first(length))) << length;
  }
  input.push_back(0);
  EXPECT_FALSE(parse_sample(input));
}

TEST(Decoder, RefusesAVariableFieldOverItsBound) {
  const Bytes input = {0, 0, 0, 3, 'a', 'b', 'c'};
  Decoder decoder(input);
  EXPECT_TRUE(decoder.var(2).empty());
  EXPECT_TRUE(decoder.failed());
  EXPECT_TRUE(decoder.rest().empty());
}

}  // namespace
}  // namespace sotto

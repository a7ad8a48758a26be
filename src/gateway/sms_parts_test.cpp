#include "gateway/sms_parts.h"

#include <gtest/gtest.h>

namespace sotto::gateway {
namespace {

std::string times(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

SmsLength of(const std::string& text) { return sms_length(text).value(); }

TEST(SmsParts, CountsTheDefaultAlphabetInPartsOf160And153) {
  EXPECT_EQ(of(""), (SmsLength{SmsAlphabet::gsm7, 0, 0}));
  EXPECT_EQ(of("Hej å @ £ ñ"), (SmsLength{SmsAlphabet::gsm7, 11, 1}));
  EXPECT_EQ(of(times("a", 160)), (SmsLength{SmsAlphabet::gsm7, 160, 1}));
  EXPECT_EQ(of(times("a", 161)), (SmsLength{SmsAlphabet::gsm7, 161, 2}));
  EXPECT_EQ(of(times("a", 306)), (SmsLength{SmsAlphabet::gsm7, 306, 2}));
  EXPECT_EQ(of(times("a", 307)), (SmsLength{SmsAlphabet::gsm7, 307, 3}));
}

TEST(SmsParts, CharactersOfTheExtensionCountTwiceAndAreNotDivided) {
  EXPECT_EQ(of("€[]"), (SmsLength{SmsAlphabet::gsm7, 6, 1}));
  EXPECT_EQ(of(times("€", 80)), (SmsLength{SmsAlphabet::gsm7, 160, 1}));
  // 76 fit into a part of 153, 152 into two of them.
  EXPECT_EQ(of(times("€", 152)).parts, 2U);
  EXPECT_EQ(of(times("€", 153)).parts, 3U);
}

TEST(SmsParts, OneCharacterOutsideMakesAllOfItUcs2) {
  EXPECT_EQ(of("ж"), (SmsLength{SmsAlphabet::ucs2, 1, 1}));
  EXPECT_EQ(of("`"), (SmsLength{SmsAlphabet::ucs2, 1, 1}));
  EXPECT_EQ(of(times("a", 69) + "ж"), (SmsLength{SmsAlphabet::ucs2, 70, 1}));
  EXPECT_EQ(of(times("a", 70) + "ж"), (SmsLength{SmsAlphabet::ucs2, 71, 2}));
  EXPECT_EQ(of(times("ж", 134)).parts, 2U);
  EXPECT_EQ(of(times("ж", 135)).parts, 3U);
}

TEST(SmsParts, PairsAreNotDivided) {
  EXPECT_EQ(of("😀"), (SmsLength{SmsAlphabet::ucs2, 2, 1}));
  EXPECT_EQ(of(times("😀", 35)).parts, 1U);
  // 33 pairs fit into 67 units.
  EXPECT_EQ(of(times("😀", 66)).parts, 2U);
  EXPECT_EQ(of(times("😀", 67)).parts, 3U);
}

TEST(SmsParts, WhatIsNoUtf8HasNoLength) {
  for (const char* text :
       {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\x80", "\xe2\x82"}) {
    EXPECT_FALSE(sms_length(text)) << text;
  }
}

TEST(SmsParts, CutsBetweenCharacters) {
  EXPECT_EQ(cut_utf8("aå😀", 7), "aå😀");
  EXPECT_EQ(cut_utf8("aå😀", 6), "aå");
  EXPECT_EQ(cut_utf8("aå😀", 2), "a");
  EXPECT_EQ(cut_utf8("å", 0), "");
}

TEST(SmsParts, ReadsUtf16WithItsPairs) {
  using namespace std::string_view_literals;
  EXPECT_EQ(utf8_from_utf16be("\0h\0\xe5\x04\x36\xd8\x3d\xde\0"sv), "håж😀");
  EXPECT_EQ(utf8_from_utf16be(""), "");
  for (const std::string_view text : {"\0"sv, "\xd8\x3d"sv, "\xd8\x3d\0a"sv, "\xde\0"sv}) {
    EXPECT_FALSE(utf8_from_utf16be(text));
  }
}

}  // namespace
}  // namespace sotto::gateway

#include "terminal_ui/text.h"

#include <gtest/gtest.h>

namespace sotto::terminal_ui {
namespace {

std::string joined(std::string_view text) {
  std::string out;
  for (const auto& glyph : glyphs_of(text)) out += glyph.text;
  return out;
}

TEST(TextTest, EscapeSequencesBecomeVisible) {
  EXPECT_EQ(joined("\033[2J\033]0;title\007"), "\\x1b[2J\\x1b]0;title\\x07");
  EXPECT_EQ(joined("\xc2\x9b"
                   "31m"),
            "\\x9b31m");
  EXPECT_EQ(joined("a\rb\x7f"), "a\\x0db\\x7f");
}

TEST(TextTest, NoGlyphHoldsAControlCharacterWhateverTheOctets) {
  std::string all;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; second += 3) {
      all += static_cast<char>(first);
      all += static_cast<char>(second);
    }
  }
  for (const auto& glyph : glyphs_of(all)) {
    if (glyph.text == "\n") continue;
    for (const char octet : glyph.text) EXPECT_GE(static_cast<unsigned char>(octet), 0x20U);
    EXPECT_EQ(glyph.text.find("\xc2\x9b"), std::string::npos);
  }
}

TEST(TextTest, CharactersThatTurnTheDirectionBecomeVisible) {
  EXPECT_EQ(joined("photo\u202Egpj.exe"), "photo\\u202egpj.exe");
  EXPECT_EQ(joined("\u2066a\u2069"), "\\u2066a\\u2069");
}

TEST(TextTest, OctetsThatAreNoTextBecomeVisible) {
  EXPECT_EQ(joined("a\xff\xfe"), "a\\xff\\xfe");
  EXPECT_EQ(joined("\xf0\x9f"), "\\xf0\\x9f");
}

TEST(TextTest, MarksStayWithTheirLetterAndDoNotPileUp) {
  const auto once = glyphs_of("e\u0301a");
  ASSERT_EQ(once.size(), 2U);
  EXPECT_EQ(once[0].text, "e\u0301");
  std::string tower = "a";
  for (int i = 0; i < 1000; ++i) tower += "\u0301";
  const auto one = glyphs_of(tower);
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].text, "a\u0301\u0301\u0301");
  EXPECT_EQ(glyphs_of("\u0301")[0].text, " \u0301");
}

TEST(TextTest, AMegabyteOfMarksIsCut) {
  std::string wall;
  while (wall.size() < 1'000'000) wall += "\u0301";
  EXPECT_LE(joined(wall).size(), 32U);
  EXPECT_LE(wrap(wall, 40).size(), 2U);
}

TEST(TextTest, WideCharactersTakeTwoColumns) {
  EXPECT_EQ(columns_of("\u6F22\u5B57"), 4);
  EXPECT_EQ(columns_of("\U0001F44D"), 2);
  EXPECT_EQ(columns_of("abc"), 3);
}

TEST(TextTest, JoinedEmojiStandSideBySideWithoutJoiners) {
  EXPECT_EQ(joined("\U0001F469\u200D\U0001F467"), "\U0001F469\U0001F467");
  EXPECT_EQ(joined("\U0001F44D\U0001F3FD"), "\U0001F44D");
  EXPECT_EQ(joined("\u2764\uFE0F"), "\u2764");
}

TEST(TextTest, LinesBreakAtBlanksAndInsideWordsThatAreTooLong) {
  EXPECT_EQ(wrap("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("abcdefgh", 3), (std::vector<std::string>{"abc", "def", "gh"}));
  EXPECT_EQ(wrap("a\nb\n", 5), (std::vector<std::string>{"a", "b", ""}));
  EXPECT_EQ(wrap("x \u6F22\u5B57\u6F22\u5B57", 6),
            (std::vector<std::string>{"x", "\u6F22\u5B57\u6F22", "\u5B57"}));
  EXPECT_EQ(wrap("a bcd\u6F22", 5), (std::vector<std::string>{"a", "bcd\u6F22"}));
  EXPECT_EQ(wrap(" bcd\u6F22", 4), (std::vector<std::string>{"", "bcd", "\u6F22"}));
  EXPECT_EQ(wrap("", 5), (std::vector<std::string>{""}));
}

TEST(TextTest, NoLineIsWiderThanItsWidth) {
  const std::string text =
      "The \u6F22\u5B57 quick \U0001F44D\U0001F44Dbrown   fox\tjumps\033[A over e\u0301\u0301 it";
  for (int width = 2; width < 40; ++width) {
    for (const auto& line : wrap(text, width)) EXPECT_LE(columns_of(line), width) << line;
  }
}

TEST(TextTest, FitCutsWithASignThatThereIsMore) {
  EXPECT_EQ(fit("hello", 5), "hello");
  EXPECT_EQ(fit("hello!", 5), "hell\u2026");
  EXPECT_EQ(fit("\u6F22\u5B57", 3), "\u6F22\u2026");
  EXPECT_EQ(fit("a\nb", 5), "a b");
  EXPECT_EQ(fit("hello", 0), "");
}

TEST(TextTest, BoundariesAreThoseOfWhatPeopleSee) {
  EXPECT_EQ(boundaries_of("ae\u0301"), (std::vector<std::size_t>{0, 1, 4}));
  EXPECT_EQ(boundaries_of("\U0001F469\u200D\U0001F467x"), (std::vector<std::size_t>{0, 11, 12}));
  EXPECT_EQ(boundaries_of(""), (std::vector<std::size_t>{0}));
}

}  // namespace
}  // namespace sotto::terminal_ui

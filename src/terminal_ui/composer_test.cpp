#include "terminal_ui/composer.h"

#include <gtest/gtest.h>

namespace sotto::terminal_ui {
namespace {

Composer with(std::string text) {
  Composer composer(1000, true);
  composer.set(std::move(text));
  return composer;
}

TEST(ComposerTest, BackspaceErasesAWholeCharacterWhateverItIsMadeOf) {
  auto composer = with("ae\u0301");
  EXPECT_TRUE(composer.press({KeyName::backspace}));
  EXPECT_EQ(composer.text(), "a");
  composer = with("x\U0001F469\u200D\U0001F467");
  composer.press({KeyName::backspace});
  EXPECT_EQ(composer.text(), "x");
  composer.press({KeyName::backspace});
  composer.press({KeyName::backspace});
  EXPECT_TRUE(composer.empty());
}

TEST(ComposerTest, TheCursorMovesByCharactersWordsAndLines) {
  auto composer = with("one two\nthree");
  composer.press({KeyName::home});
  composer.insert(">");
  EXPECT_EQ(composer.text(), "one two\n>three");
  composer.press({KeyName::word_left});
  composer.press({KeyName::word_left});
  composer.insert("-");
  EXPECT_EQ(composer.text(), "one -two\n>three");
  composer.press({KeyName::end});
  composer.press({KeyName::left});
  composer.press({KeyName::remove});
  EXPECT_EQ(composer.text(), "one -tw\n>three");
  composer.press({KeyName::word_right});
  composer.press({KeyName::control, "u"});
  EXPECT_EQ(composer.text(), "one -tw\n");
  composer.press({KeyName::left});
  composer.press({KeyName::control, "w"});
  EXPECT_EQ(composer.text(), "one \n");
  composer.press({KeyName::control, "a"});
  composer.press({KeyName::right});
  composer.press({KeyName::control, "k"});
  EXPECT_EQ(composer.text(), "o\n");
  EXPECT_FALSE(composer.press({KeyName::page_up}));
}

TEST(ComposerTest, UpAndDownFollowTheLinesThatAreSeen) {
  auto composer = with("abcdefgh");
  EXPECT_TRUE(composer.move_line(false, 4));
  EXPECT_TRUE(composer.move_line(false, 4));
  composer.insert("|");
  EXPECT_EQ(composer.text(), "|abcdefgh");
  EXPECT_FALSE(composer.move_line(false, 4));
  EXPECT_TRUE(composer.move_line(true, 4));
}

TEST(ComposerTest, PastedControlCharactersAreLeftOut) {
  auto composer = with("");
  composer.insert("a\033[31mb\tc\nd\xff");
  EXPECT_EQ(composer.text(), "a[31mb c\nd");
  Composer line(1000, false);
  line.insert("a\nb");
  EXPECT_EQ(line.text(), "a b");
}

TEST(ComposerTest, ItIsFullAtItsLimit) {
  Composer composer(4, true);
  EXPECT_TRUE(composer.insert("abcd"));
  EXPECT_FALSE(composer.insert("e"));
  EXPECT_EQ(composer.take(), "abcd");
  EXPECT_TRUE(composer.empty());
}

TEST(ComposerTest, TheViewHasTheCursorWhereTheTextGoesOn) {
  auto view = with("ab\u6F22\u5B57").view(5);
  EXPECT_EQ(view.lines, (std::vector<std::string>{"ab\u6F22", "\u5B57"}));
  EXPECT_EQ(view.row, 1);
  EXPECT_EQ(view.column, 2);
  view = with("abcde").view(5);
  EXPECT_EQ(view.row, 1);
  EXPECT_EQ(view.column, 0);
  view = with("a\n").view(5);
  EXPECT_EQ(view.row, 1);
  EXPECT_EQ(view.column, 0);
}

}  // namespace
}  // namespace sotto::terminal_ui

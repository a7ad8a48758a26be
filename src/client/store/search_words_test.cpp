#include "client/store/search_words.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string>

#include "client/store/database.h"
#include "client/store/schema.h"

namespace sotto::client::store {
namespace {

TEST(SearchWords, LatinTextStaysAsItIs) {
  EXPECT_EQ(search_words("Lunch at noon, na\u00efve?"), "Lunch at noon, na\u00efve?");
  EXPECT_EQ(search_words(""), "");
}

TEST(SearchWords, ScriptsWithoutBlanksAndSymbolsStandAlone) {
  EXPECT_EQ(search_words("\u65e5\u672c\u8a9eok"), " \u65e5  \u672c  \u8a9e ok");
  EXPECT_EQ(search_words("party\U0001f389"), "party \U0001f389 ");
  EXPECT_EQ(search_words("\uff21\uff42\uff11"), "Ab1");
}

TEST(SearchWords, WhatIsNoUtf8IsKept) {
  for (const std::string text : {"\xff\xfe", "a\xe6\x97", "\xe6", "\xc0\x80z", "\xf0\x9f\x8e"}) {
    EXPECT_EQ(search_words(text), text);
  }
}

TEST(MatchExpression, QuotesEachWordAndLetsItsEndBeOpen) {
  EXPECT_EQ(match_expression("lunch no"), "\"lunch\" * \"no\" *");
  EXPECT_EQ(match_expression(" say \"hi\" "), "\"say\" * \"\"\"hi\"\"\" *");
  EXPECT_EQ(match_expression("\u65e5\u672c"), "\" \u65e5  \u672c \"");
  EXPECT_EQ(match_expression("a\u3000b"), "\"a\" * \"b\" *");
  EXPECT_EQ(match_expression(" \t\n"), "");
  EXPECT_EQ(match_expression(""), "");
}

TEST(MatchExpression, TakesThirtyTwoWordsAtMost) {
  std::string typed;
  for (int i = 0; i < 100; ++i) typed += "w ";
  const std::string expression = match_expression(typed);
  EXPECT_EQ(std::count(expression.begin(), expression.end(), '*'), 32);
}

/// Whatever was typed, the expression is one that FTS5 understands.
TEST(MatchExpression, IsAlwaysWellFormed) {
  const auto database = Database::in_memory();
  ASSERT_TRUE(migrate(*database));
  const auto matches = [&](const std::string& expression) {
    Rows rows = database->query("SELECT rowid FROM message_words WHERE message_words MATCH ?1",
                                std::string_view(expression));
    while (rows.next()) continue;
    return !database->failure();
  };
  for (int first = 0; first < 256; ++first) {
    for (const int second :
         std::initializer_list<int>{0, '"', '*', '(', ':', '^', '+', '-', 'a', 0xe6, 0xff}) {
      const std::string typed = {static_cast<char>(first), static_cast<char>(second), 'x'};
      const std::string expression = match_expression(typed);
      if (!expression.empty()) ASSERT_TRUE(matches(expression)) << first << " " << second;
    }
  }
  for (const char* typed : {"AND", "NOT OR", "NEAR(a b)", "words:", "-- a", "\"\"\"\"", "...", "{a}"}) {
    ASSERT_TRUE(matches(match_expression(typed))) << typed;
  }
}

}  // namespace
}  // namespace sotto::client::store

#include "agent/json.h"

#include <gtest/gtest.h>

namespace sotto::agent {
namespace {

TEST(Json, WhatTheGrammarAllowsPasses) {
  for (const std::string_view text : {"{}", " [ ] ", R"({"a":[1,-0.5e+3,true,null,"\u00e5\n"]})", "0",
                                      "\"å\"", "-12", "[1,2]", "\t\r\n{\"\":{}}"}) {
    EXPECT_TRUE(check_json(text)) << text;
  }
}

TEST(Json, WhatItDoesNotAllowIsMalformed) {
  for (const std::string_view text :
       {"",       " ",   "{",    "}",     "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}",       "{'a':1}",
        "01",     "+1",  ".5",   "1.",    "1e",   "tru",     "\"\\x\"",  "\"\\u12g4\"", "\"a\nb\"",
        "\"open", "1 2", "{}{}", "[1 2]", "//",   "NaN",     "-"}) {
    const auto end = check_json(text);
    ASSERT_FALSE(end) << text;
    EXPECT_EQ(end.error(), JsonError::malformed) << text;
  }
}

TEST(Json, EveryCutOfAGoodTextIsRefused) {
  const std::string_view whole = R"({"jsonrpc":"2.0","id":1,"params":{"a":["\u00e5",{"b":-1.5e2}]}})";
  ASSERT_TRUE(check_json(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(check_json(whole.substr(0, length))) << length;
  }
}

TEST(Json, NestingIsBounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(check_json(nested(kMaxDepth + 1)));
  EXPECT_EQ(check_json(nested(kMaxDepth + 2)).error(), JsonError::too_deep);
  EXPECT_EQ(check_json(std::string(1'000'000, '[')).error(), JsonError::too_deep);
}

TEST(Json, OctetsThatAreNoUtf8AreRefused) {
  EXPECT_EQ(check_json("\"\xff\"").error(), JsonError::not_utf8);
  EXPECT_EQ(check_json("\"\xc0\x80\"").error(), JsonError::not_utf8);
  EXPECT_EQ(check_json("\"\xed\xa0\x80\"").error(), JsonError::not_utf8);
}

TEST(Json, PiecesStandAsTheyCame) {
  const std::string_view text = R"( { "a\u0062" : [1, {"x":2}] , "c":"d" } )";
  ASSERT_TRUE(check_json(text));
  const auto members = members_of(text);
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[0].first, "ab");
  EXPECT_EQ(members[0].second, R"([1, {"x":2}])");
  EXPECT_EQ(members[1].second, "\"d\"");
  const auto elements = elements_of(members[0].second);
  ASSERT_EQ(elements.size(), 2U);
  EXPECT_EQ(elements[1], R"({"x":2})");
  EXPECT_TRUE(members_of("{}").empty());
  EXPECT_TRUE(elements_of("[ ]").empty());
  EXPECT_EQ(kind_of(" true"), JsonKind::boolean);
  EXPECT_EQ(kind_of("null"), JsonKind::null);
  EXPECT_EQ(kind_of("-1"), JsonKind::number);
}

TEST(Json, StringsAreReadAndWritten) {
  EXPECT_EQ(text_of(R"("a\"\\\/\b\f\n\r\té😀")"), "a\"\\/\b\f\n\r\té😀");
  EXPECT_EQ(text_of(R"("\ud800x\udc00")"), "\xef\xbf\xbdx\xef\xbf\xbd");
  EXPECT_EQ(text_of(R"("\ud800A")"),
            "\xef\xbf\xbd"
            "A");
  EXPECT_EQ(json_string("a\"\\\n\x01é😀\x7f"), R"("a\"\\\n\u0001é😀\u007f")");
  EXPECT_EQ(json_string("\xff\xc3"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
  for (const std::string text : {"", "plain", "\x01\x1f\"\\", "åäö", "😀"}) {
    EXPECT_TRUE(check_json(json_string(text)));
    EXPECT_EQ(text_of(json_string(text)), text);
  }
  EXPECT_EQ(describe(JsonError::too_deep), "this JSON is nested more than 32 deep");
}

}  // namespace
}  // namespace sotto::agent

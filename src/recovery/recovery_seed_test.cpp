#include "recovery/recovery_seed.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/hash.h"

namespace sotto::recovery {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

class RecoverySeedText : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{5};
  RecoverySeed seed = crypto::random_secret<RecoverySeed>(random);
  std::string text = seed_text(seed);

  static std::string text_of(std::string_view typed) {
    const auto parsed = parse_seed(typed);
    return parsed ? seed_text(*parsed) : std::string(describe(parsed.error()));
  }
};

TEST_F(RecoverySeedText, IsNineGroupsOfFourCharacters) {
  ASSERT_EQ(text.size(), 9U * 4 + 8);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % 5 == 4) {
      EXPECT_EQ(text[i], '-');
    } else {
      EXPECT_NE(kAlphabet.find(text[i]), std::string_view::npos) << i;
    }
  }
  EXPECT_EQ(text_of(text), text);
}

TEST_F(RecoverySeedText, IsReadInEverySpellingOfPeople) {
  std::string spelled;
  for (const char c : text) {
    if (c == '-') {
      spelled += "  \r\n\t-";
    } else if (c == 'O') {
      spelled += '0';
    } else if (c == 'I') {
      spelled += '1';
    } else if (c == 'B') {
      spelled += '8';
    } else {
      spelled += static_cast<char>(std::tolower(c));
    }
  }
  EXPECT_EQ(text_of(spelled), text);
  std::string bare = text;
  std::erase(bare, '-');
  EXPECT_EQ(text_of(bare), text);
  EXPECT_EQ(text_of("AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"),
            describe(RecoveryError::mistyped));  // nobody's fallback value
}

TEST_F(RecoverySeedText, ReadsEveryCharacterAsItsValueAndNothingElse) {
  std::size_t read = 0;
  for (int c = 0; c < 256; ++c) {
    std::string typed = text;
    typed[0] = static_cast<char>(c);
    const auto parsed = parse_seed(typed);
    const bool filler = c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r';
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7') ||
                        c == '0' || c == '1' || c == '8';
    if (parsed) {
      EXPECT_EQ(seed_text(*parsed), text) << c;
      ++read;
    } else {
      EXPECT_EQ(parsed.error(), letter && !filler ? RecoveryError::mistyped : RecoveryError::malformed) << c;
    }
  }
  EXPECT_GE(read, text[0] >= 'A' ? 2U : 1U);  // itself, and in the other case
}

TEST_F(RecoverySeedText, NoticesEveryWrongCharacterAndEveryExchangeOfNeighbours) {
  std::size_t tried = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '-') continue;
    for (const char other : kAlphabet) {
      if (other == text[at]) continue;
      std::string typed = text;
      typed[at] = other;
      EXPECT_EQ(parse_seed(typed).error(), RecoveryError::mistyped) << typed;
      ++tried;
    }
    const std::size_t next = at % 5 == 3 ? at + 2 : at + 1;
    if (next >= text.size() || text[next] == text[at]) continue;
    std::string typed = text;
    std::swap(typed[at], typed[next]);
    EXPECT_EQ(parse_seed(typed).error(), RecoveryError::mistyped) << typed;
  }
  EXPECT_EQ(tried, 36U * 31);
}

TEST_F(RecoverySeedText, WrongLengthsAreRefused) {
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_EQ(parse_seed(text.substr(0, length)).error(), RecoveryError::malformed) << length;
  }
  EXPECT_EQ(parse_seed(text + "A").error(), RecoveryError::malformed);
  EXPECT_EQ(parse_seed(std::string(100'000, '-')).error(), RecoveryError::malformed);
}

}  // namespace
}  // namespace sotto::recovery

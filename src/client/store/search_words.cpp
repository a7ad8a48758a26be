#include "client/store/search_words.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace sotto::client::store {
namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

/// Blocks of scripts without blanks, and of symbols.
constexpr std::array kAlone = {
    Range{0x0e00, 0x0eff},    // Thai, Lao
    Range{0x1000, 0x109f},    // Myanmar
    Range{0x1780, 0x17ff},    // Khmer
    Range{0x2190, 0x2bff},    // arrows to miscellaneous symbols
    Range{0x2e80, 0x312f},    // radicals, kana, bopomofo
    Range{0x31a0, 0x31ff},    // bopomofo, strokes, kana
    Range{0x3400, 0x4dbf},    // Han
    Range{0x4e00, 0x9fff},    // Han
    Range{0xf900, 0xfaff},    // Han
    Range{0xff66, 0xff9f},    // half-width kana
    Range{0x1f000, 0x1faff},  // pictographs
    Range{0x20000, 0x323af},  // Han
};

/// Full-width forms of ASCII.
constexpr Range kWide{0xff01, 0xff5e};
constexpr std::uint32_t kWideToPlain = 0xfee0;

/// More words than this are no search by a person; the expression stays small.
constexpr std::size_t kMaxWords = 32;

bool stands_alone(std::uint32_t point) {
  return std::ranges::any_of(
      kAlone, [point](const Range& range) { return range.first <= point && point <= range.last; });
}

/// Octets of the sequence that begins with this one; 1 for what begins none.
std::size_t length_of(unsigned char lead) {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  if (lead >= 0xc0) return 2;
  return 1;
}

std::uint32_t point_of(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  std::uint32_t point = sequence.size() == 1 ? lead : lead & (0x7fU >> sequence.size());
  for (const char next : sequence.substr(1)) point = point << 6U | (static_cast<unsigned char>(next) & 0x3fU);
  return point;
}

/// The sequence at the beginning of a text that is not empty.
std::string_view first_sequence(std::string_view text) {
  const std::size_t length = length_of(static_cast<unsigned char>(text[0]));
  const std::string_view sequence = text.substr(0, length);
  const bool whole = sequence.size() == length &&
                     std::all_of(sequence.begin() + 1, sequence.end(),
                                 [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; });
  return whole ? sequence : text.substr(0, 1);
}

bool is_blank(std::string_view sequence) {
  return (sequence.size() == 1 && static_cast<unsigned char>(sequence[0]) <= ' ') || sequence == "\u3000";
}

void sql_search_words(sqlite3_context* context, int, sqlite3_value** arguments) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(arguments[0]));
  if (text == nullptr) return sqlite3_result_null(context);
  const std::string words = search_words({text, static_cast<std::size_t>(sqlite3_value_bytes(arguments[0]))});
  sqlite3_result_text64(context, words.data(), words.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// One word, or several characters that stand alone, as a phrase.
std::string phrase(std::string_view word) {
  std::string out = "\"";
  for (const char c : search_words(word)) out += c == '"' ? "\"\"" : std::string(1, c);
  // A character that stands alone is a whole word; only letters go on.
  return out + (out.ends_with(' ') ? "\"" : "\" *");
}

}  // namespace

std::string search_words(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const std::string_view sequence = first_sequence(text);
    text.remove_prefix(sequence.size());
    const std::uint32_t point = point_of(sequence);
    if (kWide.first <= point && point <= kWide.last) {
      out += static_cast<char>(point - kWideToPlain);
    } else if (sequence.size() > 1 && stands_alone(point)) {
      out += ' ';
      out += sequence;
      out += ' ';
    } else {
      out += sequence;
    }
  }
  return out;
}

std::string match_expression(std::string_view typed) {
  std::string out;
  std::string word;
  std::size_t words = 0;
  const auto end_word = [&] {
    if (!word.empty() && words++ < kMaxWords) out += (out.empty() ? "" : " ") + phrase(word);
    word.clear();
  };
  while (!typed.empty()) {
    const std::string_view sequence = first_sequence(typed);
    typed.remove_prefix(sequence.size());
    if (is_blank(sequence)) {
      end_word();
    } else {
      word += sequence;
    }
  }
  end_word();
  return out;
}

void add_search_words(sqlite3* connection) {
  sqlite3_create_function_v2(connection, "search_words", 1,
                             SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr, sql_search_words,
                             nullptr, nullptr, nullptr);
}

}  // namespace sotto::client::store

// Text of others as cells of a terminal: nothing of it moves a cursor, changes a colour, turns a direction or
// piles up over its neighbours. Total over any octets, in time that grows with the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::terminal_ui {

/// Marks over and under one character: Hebrew and Vietnamese need three, walls of noise need more.
inline constexpr std::size_t kMaxMarks = 3;
/// Octets that are looked at: the longest message, made visible, is shorter.
inline constexpr std::size_t kMaxShown = std::size_t{64} * 1024;

/// What stands in one cell, or in two: a character with its marks.
struct Glyph {
  std::string text;  ///< UTF-8; "\n" ends a line
  int width = 1;     ///< columns: 1 or 2; of "\n" 0
};

/// Control characters and those that turn the direction become visible as \x1b and \u202e; what has no place
/// of its own (joiners, selectors, marks over kMaxMarks) is left out; emoji that are joined stand side by
/// side.
std::vector<Glyph> glyphs_of(std::string_view text);
/// Columns of one line; a line feed counts as a blank.
int columns_of(std::string_view text);

/// Lines of at most `width` columns (two at least), broken at blanks where there are any.
std::vector<std::string> wrap(std::string_view text, int width);
/// One line of at most `width` columns, with "…" where it was cut.
std::string fit(std::string_view text, int width);

/// Where the characters that people see begin (UAX #29 extended grapheme clusters), and the text's end.
std::vector<std::size_t> boundaries_of(std::string_view text);

}  // namespace sotto::terminal_ui

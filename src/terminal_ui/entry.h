// One message as lines of a terminal.
#pragma once

#include <string>
#include <vector>

#include "sotto/v1/client_api.pb.h"
#include "terminal_ui/grid.h"

namespace sotto::terminal_ui {

/// Text that is made harmless when it is put into a grid, not before.
struct Piece {
  std::string text;
  Style style = Style::plain;
};
struct Line {
  std::vector<Piece> pieces;
  bool chosen = false;  ///< of the message that the cursor is at
};

/// Of one message; more are left out, with a word about it. 16 KiB of text in 40 columns have fewer.
inline constexpr std::size_t kMaxLines = 1000;
/// Messages of one sender within that time stand below one name.
inline constexpr std::uint64_t kTogetherMs = 5 * 60 * 1000;

/// `before`: the message above it, or nullptr. At least one line.
std::vector<Line> lines_of(const v1::Message& message, const v1::Message* before, int width);

/// A line across, with a word in it.
Line rule(const std::string& word, Style style, int width);

/// One line about it, for lists and quotes: "photo.jpg", "Poll: When?", the text.
std::string glimpse_of(const v1::Message& message);

/// A handle, or the first digits of an account that has none.
std::string short_name(const std::string& name);
/// "14:03", and "Saturday 28 November 2026", where this machine is.
std::string time_of_day(std::uint64_t unix_ms);
std::string day_of(std::uint64_t unix_ms);
/// "14:03" today, "28 Nov" this year, else "2025-11-28".
std::string short_time(std::uint64_t unix_ms, std::uint64_t now_ms);

}  // namespace sotto::terminal_ui

// What a terminal is to show: cells with characters and what they mean. Colours are for who has them
// (terminal.h): nothing is said by a colour alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sotto::terminal_ui {

/// What a cell means, not how it looks.
enum class Style : std::uint8_t {
  plain,
  faint,     ///< times, states, hints
  strong,    ///< names
  bar,       ///< first and last line
  chosen,    ///< where the cursor is in a list
  secure,    ///< end-to-end encrypted: blue
  insecure,  ///< readable on the way: green
  warning,
  unread,
};

struct Cell {
  std::string text = " ";  ///< one character with its marks; empty: the right half of the one before
  Style style = Style::plain;
};

struct Extent {
  int rows = 0;
  int columns = 0;
};
/// Of a screen that says nothing, or lies.
inline constexpr Extent kSmallest{5, 20};
inline constexpr Extent kLargest{300, 600};

class Grid {
 public:
  explicit Grid(Extent extent)
      : extent_(extent),
        cells_(static_cast<std::size_t>(extent.rows) * static_cast<std::size_t>(extent.columns)) {}

  [[nodiscard]] Extent extent() const { return extent_; }
  [[nodiscard]] const Cell& at(int row, int column) const { return cells_[index(row, column)]; }
  /// Any text (text.h), cut where the columns end. Returns the column behind it. Places outside are ignored.
  int put(int row, int column, std::string_view text, Style style, int columns);
  void fill(int row, int column, int columns, Style style, std::string_view text = " ");
  void show_cursor(int row, int column) { cursor_ = {row, column}; }
  void hide_cursor() { cursor_.reset(); }
  /// Row and column; none: hidden.
  [[nodiscard]] const std::optional<std::pair<int, int>>& cursor() const { return cursor_; }
  /// A row's characters, for tests.
  [[nodiscard]] std::string row_text(int row) const;

 private:
  /// A character of two columns, half of which goes, goes whole.
  void set(int row, int column, Cell cell);
  [[nodiscard]] std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(extent_.columns) +
           static_cast<std::size_t>(column);
  }

  Extent extent_;
  std::vector<Cell> cells_;
  std::optional<std::pair<int, int>> cursor_;
};

}  // namespace sotto::terminal_ui

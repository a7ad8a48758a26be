#include "terminal_ui/grid.h"

#include <algorithm>

#include "terminal_ui/text.h"

namespace sotto::terminal_ui {

void Grid::set(int row, int column, Cell cell) {
  const std::size_t here = index(row, column);
  if (cells_[here].text.empty() && column > 0) cells_[here - 1].text = " ";
  if (column + 1 < extent_.columns && cells_[here + 1].text.empty()) cells_[here + 1].text = " ";
  cells_[here] = std::move(cell);
}

int Grid::put(int row, int column, std::string_view text, Style style, int columns) {
  if (row < 0 || row >= extent_.rows || column < 0) return column;
  const int end = std::min(column + columns, extent_.columns);
  for (Glyph& glyph : glyphs_of(fit(text, end - column))) {
    if (column + glyph.width > end) break;
    const int width = glyph.width;
    set(row, column, {std::move(glyph.text), style});
    if (width == 2) set(row, column + 1, {"", style});
    column += width;
  }
  return column;
}

void Grid::fill(int row, int column, int columns, Style style, std::string_view text) {
  if (row < 0 || row >= extent_.rows) return;
  const int end = std::min(column + columns, extent_.columns);
  for (int each = std::max(column, 0); each < end; ++each) set(row, each, {std::string(text), style});
}

std::string Grid::row_text(int row) const {
  std::string out;
  for (int column = 0; column < extent_.columns; ++column) out += at(row, column).text;
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace sotto::terminal_ui

#include "terminal_ui/layout.h"

#include <algorithm>

namespace sotto::terminal_ui {
namespace {

constexpr int kNarrowestList = 24;
constexpr int kWidestList = 40;
constexpr int kMostWriting = 8;

}  // namespace

Layout layout_of(Extent extent, int lines, bool with_list) {
  Layout layout;
  const int height = std::max(0, extent.rows - 2);
  const bool both = extent.columns >= kTwoPanes;
  if (both || with_list) {
    const int columns = both ? std::clamp(extent.columns / 3, kNarrowestList, kWidestList) : extent.columns;
    layout.list = {.row = 1, .column = 0, .rows = height, .columns = columns};
  }
  if (!both && with_list) return layout;
  const int column = both ? layout.list.columns + 1 : 0;
  const int columns = extent.columns - column;
  const int writing = std::min(std::clamp(lines, 1, kMostWriting), std::max(1, height / 3)) + 1;
  const int heading = std::min(2, std::max(0, height - writing - 1));
  layout.heading = {.row = 1, .column = column, .rows = heading, .columns = columns};
  const int messages = std::max(0, height - heading - writing);
  layout.messages = {.row = 1 + heading, .column = column, .rows = messages, .columns = columns};
  layout.writing = {.row = 1 + heading + messages, .column = column, .rows = writing, .columns = columns};
  return layout;
}

}  // namespace sotto::terminal_ui

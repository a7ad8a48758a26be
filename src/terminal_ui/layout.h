// Where the panes are: one beside the other, or one at a time where the terminal is narrow.
#pragma once

#include "terminal_ui/grid.h"

namespace sotto::terminal_ui {

/// Narrower terminals show one pane.
inline constexpr int kTwoPanes = 70;

struct Area {
  int row = 0;
  int column = 0;
  int rows = 0;
  int columns = 0;
};

struct Layout {
  Area list;      ///< no columns: not shown
  Area heading;   ///< of the conversation: who, and how safe
  Area messages;  ///< no rows: the conversation is not shown
  Area writing;   ///< a rule above, then the text
};

/// `lines`: of what is being written. `with_list`: what a narrow terminal shows. The first row and the last
/// are the bars.
Layout layout_of(Extent extent, int lines, bool with_list);

}  // namespace sotto::terminal_ui

// What lies over the panes for a while: search, questions, prompts, the list of keys.
#pragma once

#include "terminal_ui/grid.h"
#include "terminal_ui/model.h"

namespace sotto::terminal_ui {

/// Nothing in the normal mode.
void draw_overlay(const Model& model, Grid& grid);

}  // namespace sotto::terminal_ui

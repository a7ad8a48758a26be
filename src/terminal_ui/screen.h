// How a model looks.
#pragma once

#include "terminal_ui/grid.h"
#include "terminal_ui/model.h"

namespace sotto::terminal_ui {

Grid draw(const Model& model);

}  // namespace sotto::terminal_ui

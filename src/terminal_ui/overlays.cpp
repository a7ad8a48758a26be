#include "terminal_ui/overlays.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "terminal_ui/text.h"

namespace sotto::terminal_ui {
namespace {

constexpr std::array<std::string_view, 20> kHelp = {
    "Everywhere",
    "  Tab          list and composer     Esc        back",
    "  ^N ^P        next, previous conversation (also Alt-Down, Alt-Up)",
    "  PgUp PgDn    scroll                ^F         search",
    "  ^O           write to somebody     ^L         draw anew",
    "  ^Z           to the shell          ^Q ^C      quit",
    "Writing",
    "  Enter        send                  Alt-Enter  new line (also ^J)",
    "  Up           choose a message      ^W ^U ^K   erase word, line",
    "A chosen message",
    "  r Enter      reply                 t          react",
    "  e            edit (own text)       u          take back (own)",
    "  l            reveal its links      x          erase here",
    "  f            forward",
    "The list",
    "  Enter        open                  n          write to somebody",
    "  p            pin, unpin            m          mute 8 hours",
    "  requests:    a accept              d delete   b block",
    "Blue names are end-to-end encrypted; green ones are text messages,",
    "which your server, its gateway and carriers can read.",
};

/// What follows are sentences.
constexpr int kTitlesBefore = 18;

struct Box {
  int row = 0;
  int column = 0;
  int rows = 0;
  int columns = 0;
};

/// In the middle, with a frame; what is under it goes.
Box open_box(Grid& grid, int rows, int columns, std::string_view title) {
  const Extent extent = grid.extent();
  grid.hide_cursor();
  Box box{.rows = std::min(rows + 2, extent.rows - 2), .columns = std::min(columns + 4, extent.columns)};
  box.row = 1 + (extent.rows - 2 - box.rows) / 2;
  box.column = (extent.columns - box.columns) / 2;
  for (int row = box.row; row < box.row + box.rows; ++row) {
    grid.fill(row, box.column, box.columns, Style::plain);
    grid.put(row, box.column, "\u2502", Style::faint, 1);
    grid.put(row, box.column + box.columns - 1, "\u2502", Style::faint, 1);
  }
  for (const int row : {box.row, box.row + box.rows - 1}) {
    grid.fill(row, box.column, box.columns, Style::faint, "\u2500");
    grid.put(row, box.column, row == box.row ? "\u250c" : "\u2514", Style::faint, 1);
    grid.put(row, box.column + box.columns - 1, row == box.row ? "\u2510" : "\u2518", Style::faint, 1);
  }
  grid.put(box.row, box.column + 2, " " + fit(title, box.columns - 6) + " ", Style::strong, box.columns - 4);
  return {box.row + 1, box.column + 2, box.rows - 2, box.columns - 4};
}

void draw_help(Grid& grid) {
  const Box box = open_box(grid, static_cast<int>(kHelp.size()), 66, "Keys");
  for (int i = 0; i < box.rows && i < static_cast<int>(kHelp.size()); ++i) {
    const auto line = kHelp[static_cast<std::size_t>(i)];
    const bool title = !line.empty() && line.front() != ' ' && i < kTitlesBefore;
    grid.put(box.row + i, box.column, line, title ? Style::strong : Style::plain, box.columns);
  }
}

void put_prompt(Grid& grid, const Box& box, int row, std::string_view label, const Composer& prompt) {
  const int column = grid.put(row, box.column, label, Style::faint, box.columns);
  const int room = std::max(2, box.column + box.columns - column - 1);
  const auto view = prompt.view(room);
  const auto line = static_cast<std::size_t>(view.row);
  grid.put(row, column, line < view.lines.size() ? view.lines[line] : "", Style::plain, room);
  grid.show_cursor(row, column + view.column);
}

struct Prompt {
  std::string_view title;
  std::string_view label;
  std::string_view hint;
};
constexpr Prompt kOpen{"Write to", "Name: ", "a name, sms:NUMBER or #GROUP; Enter"};
constexpr Prompt kForward{"Forward to", "Name: ", "a name, sms:NUMBER or #GROUP; Enter"};
constexpr Prompt kReact{"Reaction", "Emoji: ",
                        "1 \U0001F44D  2 \u2764  3 \U0001F602  4 \U0001F62E  5 \U0001F622  6 \U0001F64F  or "
                        "an emoji; empty takes it back"};

void draw_prompt(const Model& model, Grid& grid, const Prompt& prompt) {
  const Box box = open_box(grid, 2, 60, prompt.title);
  put_prompt(grid, box, box.row, prompt.label, model.prompt());
  grid.put(box.row + 1, box.column, prompt.hint, Style::faint, box.columns);
}

void draw_question(const Model& model, Grid& grid) {
  if (!model.question()) return;
  const int width = std::min(60, grid.extent().columns - 4);
  const auto lines = wrap(model.question()->words, width);
  const Box box = open_box(grid, static_cast<int>(lines.size()) + 1, width, "Sure?");
  for (int i = 0; i < box.rows - 1 && i < static_cast<int>(lines.size()); ++i) {
    grid.put(box.row + i, box.column, lines[static_cast<std::size_t>(i)], Style::plain, box.columns);
  }
  grid.put(box.row + box.rows - 1, box.column, "y yes   n no", Style::strong, box.columns);
}

void draw_hit(const Model& model, Grid& grid, const Box& box, int row, const v1::Message& hit, bool chosen) {
  const Style base = chosen ? Style::chosen : Style::plain;
  if (chosen) grid.fill(row, box.column, box.columns, base);
  const std::string when = short_time(hit.sent_ms(), model.now().value);
  int column = grid.put(row, box.column, when, chosen ? base : Style::faint, box.columns);
  column = std::max(column, box.column + 10) + 1;
  const int end = box.column + box.columns;
  column = grid.put(row, column, fit(model.title_of(hit.conversation()), 16), chosen ? base : Style::strong,
                    end - column) +
           1;
  const std::string who = hit.outgoing() ? "you: " : short_name(hit.sender()) + ": ";
  grid.put(row, column, who + glimpse_of(hit), base, end - column);
}

void draw_search(const Model& model, Grid& grid) {
  const Extent extent = grid.extent();
  const bool here = model.searches_here() && model.current();
  const std::string where = here ? "in " + model.title_of(model.current()->conversation()) : "everywhere";
  const Box box = open_box(grid, extent.rows, extent.columns, "Search " + where);
  put_prompt(grid, box, box.row, "Words: ", model.prompt());
  const auto& found = model.found();
  const bool asked = model.prompt().text().size() > 1;
  grid.put(box.row + 1, box.column,
           found.empty() ? (asked ? "Nothing found." : "Words, or how they begin; all must be there.")
                         : fmt::format("{} found{}. Up, Down, Enter: go there. Tab: {}.", found.size(),
                                       found.size() == kMaxFound ? " or more, the newest first" : "",
                                       here ? "everywhere" : "only this conversation"),
           Style::faint, box.columns);
  const int rows = std::max(1, box.rows - 2);
  const int cursor = static_cast<int>(model.found_cursor());
  const int first = std::max(0, cursor - rows + 1);
  for (int i = 0; i < rows && first + i < static_cast<int>(found.size()); ++i) {
    draw_hit(model, grid, box, box.row + 2 + i, found[static_cast<std::size_t>(first + i)],
             first + i == cursor);
  }
}

}  // namespace

void draw_overlay(const Model& model, Grid& grid) {
  switch (model.mode()) {
    case Mode::normal: return;
    case Mode::search: return draw_search(model, grid);
    case Mode::open: return draw_prompt(model, grid, kOpen);
    case Mode::forward: return draw_prompt(model, grid, kForward);
    case Mode::react: return draw_prompt(model, grid, kReact);
    case Mode::confirm: return draw_question(model, grid);
    case Mode::help: return draw_help(grid);
  }
}

}  // namespace sotto::terminal_ui

#include "terminal_ui/screen.h"

#include <fmt/format.h>

#include <algorithm>

#include "terminal_ui/heading.h"
#include "terminal_ui/layout.h"
#include "terminal_ui/overlays.h"
#include "terminal_ui/text.h"

namespace sotto::terminal_ui {
namespace {

/// Lists with fewer rows show one line for each conversation.
constexpr int kTwoLines = 16;
constexpr std::string_view kPrompt = "> ";

class Screen {
 public:
  explicit Screen(const Model& model) : model_(model), grid_(model.extent()) {
    const bool lists = model_.focus() == Focus::list;
    Layout first = layout_of(model_.extent(), 1, lists);
    const int columns = std::max(first.writing.columns, layout_of(model_.extent(), 1, false).writing.columns);
    writing_ = model_.composer().view(columns - 3);
    layout_ = layout_of(model_.extent(), static_cast<int>(writing_.lines.size()), lists);
  }

  Grid run() {
    draw_bars();
    if (layout_.list.columns > 0) draw_list();
    if (layout_.list.columns > 0 && layout_.messages.columns > 0) {
      for (int row = 1; row < model_.extent().rows - 1; ++row) {
        grid_.put(row, layout_.list.columns, "\u2502", Style::faint, 1);
      }
    }
    if (layout_.messages.columns > 0) draw_conversation();
    draw_overlay(model_, grid_);
    return std::move(grid_);
  }

 private:
  void draw_bars() {
    const Extent extent = model_.extent();
    grid_.fill(0, 0, extent.columns, Style::bar);
    const std::string unread = model_.unread() == 0 ? "" : fmt::format("  {} unread", model_.unread());
    const int end =
        grid_.put(0, 1, fmt::format("sotto  {}{}", model_.self(), unread), Style::bar, extent.columns - 2);
    const std::string words = fit(model_.connection(), std::max(0, extent.columns - end - 3));
    grid_.put(0, extent.columns - 1 - columns_of(words), words, Style::bar, extent.columns);
    const int last = extent.rows - 1;
    if (model_.remarks().empty()) {
      grid_.fill(last, 0, extent.columns, Style::bar);
      grid_.put(last, 1, keys(), Style::bar, extent.columns - 2);
      return;
    }
    const auto& remark = model_.remarks().front();
    const std::string more =
        model_.remarks().size() > 1 ? fmt::format(" (+{})", model_.remarks().size() - 1) : "";
    grid_.fill(last, 0, extent.columns, Style::warning);
    grid_.put(last, 1, remark.words + more + (remark.stays ? " [Esc]" : ""), Style::warning,
              extent.columns - 2);
  }
  [[nodiscard]] std::string_view keys() const {
    if (model_.mode() != Mode::normal) return "Esc back";
    const bool narrow = model_.extent().columns < kTwoPanes;
    switch (model_.focus()) {
      case Focus::list: {
        const auto* item = model_.at_cursor();
        if (item != nullptr && item->request())
          return "Enter look  a accept  d delete  b block  ? keys  ^Q quit";
        return narrow ? "Enter open  n new  ^F search  ? keys"
                      : "Enter open  n new  p pin  m mute  ^F search  Tab write  ? keys  ^Q quit";
      }
      case Focus::timeline:
        if (model_.current() && model_.current()->request())
          return "a accept  d delete  b block  ? keys  Esc back";
        return narrow ? "r reply  t react  e edit  ? keys  Esc"
                      : "r reply  t react  e edit  u take back  f forward  l links  ? keys  Esc back";
      default:
        return narrow ? "Enter send  Up messages  F1 keys"
                      : "Enter send  Alt-Enter line  Up messages  ^F search  F1 keys  ^Q quit";
    }
  }

  void draw_list() {
    const Area& area = layout_.list;
    const int each = area.rows >= kTwoLines ? 2 : 1;
    std::vector<const v1::Conversation*> all;
    for (const auto& request : model_.requests()) all.push_back(&request);
    for (const auto& conversation : model_.conversations()) all.push_back(&conversation);
    if (all.empty()) {
      grid_.put(area.row, 1, "No conversations yet.", Style::faint, area.columns - 2);
      grid_.put(area.row + 1, 1, "n: write to somebody", Style::faint, area.columns - 2);
      return;
    }
    const auto here = std::ranges::find(all, model_.at_cursor());
    const int cursor = here == all.end() ? 0 : static_cast<int>(here - all.begin());
    const int fit_in = std::max(1, area.rows / each);
    const int first = std::clamp(cursor - fit_in / 2, 0, std::max(0, static_cast<int>(all.size()) - fit_in));
    int row = area.row;
    for (int i = first; i < static_cast<int>(all.size()) && i < first + fit_in; ++i, row += each) {
      draw_item(row, *all[static_cast<std::size_t>(i)], i == cursor, each == 2);
    }
  }
  void draw_item(int row, const v1::Conversation& item, bool at_cursor, bool two_lines) {
    const int width = layout_.list.columns;
    const bool open = model_.current() && model_.current()->conversation() == item.conversation();
    const bool here = at_cursor && model_.focus() == Focus::list;
    const Style base = here ? Style::chosen : Style::plain;
    grid_.fill(row, 0, width, base);
    grid_.put(row, 0, open ? "\u258c" : " ", here ? base : Style::strong, 1);
    std::string right = item.unread() > 0 ? fmt::format("({})", item.unread()) : "";
    if (item.request()) right = fmt::format("({})", item.messages());
    if (right.empty() && two_lines && item.has_newest())
      right = short_time(item.newest().sent_ms(), model_.now().value);
    const int room = width - 3 - columns_of(right);
    const std::string marks = marks_of(item, model_.now().value);
    const Style name = here                ? base
                       : item.unread() > 0 ? Style::unread
                       : item.request()    ? Style::warning
                       : is_insecure(item) ? Style::insecure
                                           : Style::secure;
    const int end = grid_.put(row, 1, title_of(item), name, room);
    if (!marks.empty() && end + 3 < 1 + room) {
      grid_.put(row, end + 1, "[" + marks + "]", here ? base : Style::faint, 1 + room - end - 1);
    }
    grid_.put(row, width - 1 - columns_of(right), right, name, width);
    if (two_lines) grid_.put(row + 1, 2, last_line(item), Style::faint, width - 3);
  }
  static bool is_insecure(const v1::Conversation& item) {
    return item.kind() == v1::Conversation::SMS || item.guests_size() > 0;
  }
  [[nodiscard]] static std::string last_line(const v1::Conversation& item) {
    if (item.request()) return "wants to write to you";
    if (!item.draft().empty()) return "draft: " + item.draft();
    if (!item.has_newest()) return {};
    const std::string who = item.newest().outgoing() ? "you: "
                            : item.kind() == v1::Conversation::GROUP
                                ? short_name(item.newest().sender()) + ": "
                                : "";
    return who + glimpse_of(item.newest());
  }

  void draw_conversation() {
    const Area& head = layout_.heading;
    if (!model_.current()) {
      grid_.put(head.row + 1, head.column + 2, "Choose a conversation, or press n to write to somebody.",
                Style::faint, head.columns - 3);
      return;
    }
    const auto& current = *model_.current();
    const Piece safety = safety_of(current);
    if (head.rows > 1) {
      const int end =
          grid_.put(head.row, head.column + 1, title_of(current), Style::strong, head.columns - 2);
      grid_.put(head.row, end + 1, place(), Style::faint, head.column + head.columns - end - 2);
      grid_.put(head.row + 1, head.column + 1, safety.text, safety.style, head.columns - 2);
    } else if (head.rows == 1) {
      const int end =
          grid_.put(head.row, head.column + 1, title_of(current), Style::strong, head.columns / 2);
      grid_.put(head.row, end + 1, safety.text, safety.style, head.column + head.columns - end - 1);
    }
    draw_messages();
    draw_writing(current);
  }
  /// Where in a long conversation the eyes are.
  [[nodiscard]] std::string place() const {
    const auto& page = model_.timeline().page();
    std::string words;
    if (model_.current()->settings().timer_s() > 0) {
      words = fmt::format("messages disappear after {} s  ", model_.current()->settings().timer_s());
    }
    if (model_.timeline().at_end() || page.total() == 0) return words;
    return words + fmt::format("around {} of {} messages", page.position() + 1, page.total());
  }
  void draw_messages() {
    const Area& area = layout_.messages;
    const Extent inner{area.rows, std::max(4, area.columns - 2)};
    const auto lines = model_.timeline().lines(inner);
    if (lines.empty()) {
      grid_.put(area.row, area.column + 1, "Nothing was said here yet.", Style::faint, area.columns - 2);
      return;
    }
    int row = area.row + area.rows - static_cast<int>(lines.size());
    for (const Line& line : lines) {
      const bool marked = line.chosen && model_.focus() == Focus::timeline;
      if (marked) grid_.put(row, area.column, "\u258c", Style::strong, 1);
      int column = area.column + 1;
      const int end = area.column + area.columns;
      for (const Piece& piece : line.pieces)
        column = grid_.put(row, column, piece.text, piece.style, end - column);
      ++row;
    }
  }
  [[nodiscard]] Piece above_writing(const v1::Conversation& current) const {
    if (model_.edits()) return {"new text of your message (Esc: leave it)", Style::strong};
    if (model_.answered()) {
      const auto& answered = *model_.answered();
      const std::string who = answered.outgoing() ? "yourself" : short_name(answered.sender());
      return {fmt::format("reply to {} (Esc: no): {}", who, glimpse_of(answered)), Style::strong};
    }
    const std::string typing = model_.typing(model_.now());
    if (!typing.empty()) return {short_name(typing) + " is writing\u2026", Style::strong};
    if (current.request()) return {"not accepted yet: they are told nothing", Style::warning};
    const bool insecure = is_insecure(current);
    return insecure ? Piece{"green: NOT encrypted", Style::insecure}
                    : Piece{"blue: encrypted", Style::secure};
  }
  void draw_writing(const v1::Conversation& current) {
    const Area& area = layout_.writing;
    grid_.fill(area.row, area.column, area.columns, Style::faint, "\u2500");
    const Piece above = above_writing(current);
    grid_.put(area.row, area.column + 2, " " + fit(above.text, area.columns - 6) + " ", above.style,
              area.columns - 4);
    const int rows = area.rows - 1;
    const int first = std::max(0, writing_.row - rows + 1);
    for (int i = 0; i < rows && first + i < static_cast<int>(writing_.lines.size()); ++i) {
      const int row = area.row + 1 + i;
      grid_.put(row, area.column, i == 0 ? kPrompt : "  ", Style::strong, 2);
      grid_.put(row, area.column + 2, writing_.lines[static_cast<std::size_t>(first + i)], Style::plain,
                area.columns - 2);
    }
    if (model_.focus() == Focus::composer) {
      grid_.show_cursor(area.row + 1 + writing_.row - first, area.column + 2 + writing_.column);
    }
  }

  const Model& model_;
  Grid grid_;
  Layout layout_;
  Composer::View writing_;
};

}  // namespace

Grid draw(const Model& model) { return Screen(model).run(); }

}  // namespace sotto::terminal_ui

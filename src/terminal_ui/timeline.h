// A window into a conversation's messages, and where the eyes are in it. Holds what was loaded around there,
// however long the conversation is; says when it wants more.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sotto/v1/client_service.pb.h"
#include "terminal_ui/entry.h"
#include "terminal_ui/grid.h"

namespace sotto::terminal_ui {

/// Messages loaded around a place; the newest alone are fewer, because they are loaded with every change.
inline constexpr std::uint32_t kWindow = 200;
inline constexpr std::uint32_t kNewest = 80;
/// And as many screens of them, where messages have one line, so that a page down or up never ends at an
/// edge.
inline constexpr std::uint32_t kScreens = 6;
/// With so few left on one side, or less than a screen, more are asked for.
inline constexpr std::size_t kMargin = 20;

class Timeline {
 public:
  /// Nothing of it is known yet; follows the newest.
  void open(std::string conversation);
  [[nodiscard]] const std::string& conversation() const { return conversation_; }
  /// The same conversation is called otherwise now.
  void rename(std::string conversation) { conversation_ = std::move(conversation); }
  /// What was asked for by wanted().
  void take(v1::MessagePage page, Extent extent);
  /// Around where the eyes are, or the newest.
  [[nodiscard]] v1::HistoryRequest wanted(Extent extent) const;
  /// It is not here any more: back to the newest.
  void lose_place();
  /// Where what was new when the conversation was opened begins; a line says so.
  void mark_new(std::string message_id) { new_from_ = std::move(message_id); }
  /// So near an edge of the window that wanted() gives more.
  [[nodiscard]] bool wants_more(Extent extent) const;

  /// Up is to the older ones. In lines.
  void scroll(int lines_up, Extent extent);
  /// The screen has another size; what was chosen stays visible.
  void fit_into(Extent extent);
  void to_end();
  void to_message(const std::string& message_id);
  /// The last line of the newest message is shown, and what comes next will be.
  [[nodiscard]] bool at_end() const;

  /// The message that the cursor is at; nullptr: none. It becomes visible.
  [[nodiscard]] const v1::Message* selected() const;
  void select_older(Extent extent);
  void select_newer(Extent extent);
  void unselect() { selected_.clear(); }

  [[nodiscard]] const v1::MessagePage& page() const { return page_; }
  /// The visible lines, the oldest first; fewer than there are rows only if there are no more.
  [[nodiscard]] std::vector<Line> lines(Extent extent) const;

 private:
  [[nodiscard]] std::vector<Line> lines_at(int index, int width) const;
  [[nodiscard]] int height_at(int index, int width) const;
  [[nodiscard]] int find(const std::string& message_id) const;
  [[nodiscard]] int count() const { return page_.messages_size(); }
  /// Index of the highest message of which something is visible.
  [[nodiscard]] int top(Extent extent) const;
  void down(int lines, int width);
  /// No empty rows above while there are messages below.
  void fill_up(Extent extent);
  void reveal(int index, Extent extent);

  std::string conversation_;
  v1::MessagePage page_;
  std::string anchor_;  ///< message to be loaded around; empty: the newest
  std::string selected_;
  std::string new_from_;
  int bottom_ = 0;      ///< index of the lowest message of which something is visible
  int hidden_ = 0;      ///< its lines below the screen
  bool jumps_ = false;  ///< the anchor is where somebody wants to be, not where they are
};

}  // namespace sotto::terminal_ui

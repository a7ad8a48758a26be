#include "terminal_ui/timeline.h"

#include <algorithm>
#include <utility>

namespace sotto::terminal_ui {

void Timeline::open(std::string conversation) {
  *this = Timeline();
  conversation_ = std::move(conversation);
}

void Timeline::take(v1::MessagePage page, Extent extent) {
  const bool followed = anchor_.empty();
  page_ = std::move(page);
  const int found = followed ? -1 : find(anchor_);
  if (found >= 0) {
    bottom_ = found;
    hidden_ = std::min(hidden_, std::max(0, height_at(bottom_, extent.columns) - 1));
  } else {
    to_end();
  }
  if (!selected_.empty() && find(selected_) < 0) selected_.clear();
  // With what was said after it, where there is room.
  if (std::exchange(jumps_, false) && found >= 0) down(extent.rows / 2, extent.columns);
  fill_up(extent);
  anchor_ = at_end() || count() == 0 ? std::string() : page_.messages(bottom_).message_id();
}

v1::HistoryRequest Timeline::wanted(Extent extent) const {
  v1::HistoryRequest request;
  request.set_conversation(conversation_);
  request.set_around(anchor_);
  const auto rows = static_cast<std::uint32_t>(std::max(extent.rows, 0));
  request.set_limit(std::max(anchor_.empty() ? kNewest : kWindow, kScreens * rows));
  return request;
}

void Timeline::lose_place() {
  jumps_ = false;
  anchor_.clear();
  selected_.clear();
}

bool Timeline::wants_more(Extent extent) const {
  const auto above = static_cast<std::size_t>(top(extent));
  const auto below = static_cast<std::size_t>(std::max(0, count() - 1 - bottom_));
  const std::size_t margin = std::max(kMargin, static_cast<std::size_t>(std::max(extent.rows, 0)));
  return (page_.more_before() && above < margin) || (page_.more_after() && below < margin);
}

std::vector<Line> Timeline::lines_at(int index, int width) const {
  auto lines = lines_of(page_.messages(index), index == 0 ? nullptr : &page_.messages(index - 1), width);
  if (!new_from_.empty() && page_.messages(index).message_id() == new_from_) {
    lines.insert(lines.begin(), rule("new", Style::unread, width));
  }
  return lines;
}

int Timeline::height_at(int index, int width) const {
  return static_cast<int>(lines_at(index, width).size());
}

int Timeline::find(const std::string& message_id) const {
  for (int index = count() - 1; index >= 0; --index) {
    if (page_.messages(index).message_id() == message_id) return index;
  }
  return -1;
}

int Timeline::top(Extent extent) const {
  int index = bottom_;
  int rows = -hidden_;
  while (index >= 0 && index < count()) {
    rows += height_at(index, extent.columns);
    if (rows >= extent.rows) return index;
    --index;
  }
  return std::max(index, 0);
}

void Timeline::scroll(int lines_up, Extent extent) {
  if (count() == 0) return;
  if (lines_up < 0) {
    down(-lines_up, extent.columns);
  } else {
    hidden_ += lines_up;
    int height = height_at(bottom_, extent.columns);
    while (hidden_ >= height && bottom_ > 0) {
      hidden_ -= height;
      height = height_at(--bottom_, extent.columns);
    }
    hidden_ = std::min(hidden_, height - 1);
  }
  fill_up(extent);
  anchor_ = at_end() ? std::string() : page_.messages(bottom_).message_id();
}

void Timeline::fit_into(Extent extent) {
  scroll(0, extent);
  if (const int cursor = selected_.empty() ? -1 : find(selected_); cursor >= 0) reveal(cursor, extent);
}

void Timeline::down(int lines, int width) {
  while (lines > hidden_ && bottom_ < count() - 1) {
    lines -= hidden_;
    hidden_ = height_at(++bottom_, width);
  }
  hidden_ = std::max(0, hidden_ - lines);
}

void Timeline::fill_up(Extent extent) {
  int rows = -hidden_;
  for (int index = bottom_; index >= 0 && index < count() && rows < extent.rows; --index) {
    rows += height_at(index, extent.columns);
  }
  if (rows < extent.rows) down(extent.rows - rows, extent.columns);
}

void Timeline::to_end() {
  bottom_ = std::max(0, count() - 1);
  hidden_ = 0;
  anchor_.clear();
}

void Timeline::to_message(const std::string& message_id) {
  jumps_ = true;
  anchor_ = message_id;
  selected_ = message_id;
  hidden_ = 0;
}

bool Timeline::at_end() const { return hidden_ == 0 && bottom_ >= count() - 1 && !page_.more_after(); }

const v1::Message* Timeline::selected() const {
  const int index = selected_.empty() ? -1 : find(selected_);
  return index < 0 ? nullptr : &page_.messages(index);
}

void Timeline::select_older(Extent extent) {
  if (count() == 0) return;
  const int now = selected_.empty() ? -1 : find(selected_);
  reveal(now < 0 ? bottom_ : std::max(0, now - 1), extent);
}

void Timeline::select_newer(Extent extent) {
  const int now = selected_.empty() ? -1 : find(selected_);
  if (now >= 0) reveal(std::min(count() - 1, now + 1), extent);
}

void Timeline::reveal(int index, Extent extent) {
  selected_ = page_.messages(index).message_id();
  const bool below = index > bottom_ || (index == bottom_ && hidden_ > 0);
  if (below) {
    bottom_ = index;
    hidden_ = 0;
  } else {
    // Its first line comes to the first row if it is above that.
    int rows = -hidden_;
    for (int each = bottom_; each >= index; --each) rows += height_at(each, extent.columns);
    if (rows > extent.rows) scroll(rows - extent.rows, extent);
  }
  fill_up(extent);
  anchor_ = at_end() ? std::string() : page_.messages(bottom_).message_id();
}

std::vector<Line> Timeline::lines(Extent extent) const {
  std::vector<Line> out;  // the newest first
  int hidden = hidden_;
  for (int index = bottom_; index >= 0 && index < count(); --index) {
    auto lines = lines_at(index, extent.columns);
    lines.resize(lines.size() - std::min(lines.size(), static_cast<std::size_t>(std::exchange(hidden, 0))));
    const bool chosen = page_.messages(index).message_id() == selected_;
    while (!lines.empty() && std::ssize(out) < extent.rows) {
      out.push_back(std::move(lines.back()));
      out.back().chosen = chosen;
      lines.pop_back();
    }
    if (std::ssize(out) >= extent.rows) break;
  }
  std::ranges::reverse(out);
  return out;
}

}  // namespace sotto::terminal_ui

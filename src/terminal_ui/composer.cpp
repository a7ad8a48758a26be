#include "terminal_ui/composer.h"

#include <algorithm>
#include <utility>

#include "client/conversations/text_rules.h"
#include "terminal_ui/text.h"

namespace sotto::terminal_ui {
namespace {

/// What may become part of a text that others see.
std::string cleaned(std::string_view typed, bool multi_line) {
  std::string out;
  for (std::size_t at = 0; at < typed.size();) {
    const auto point = client::next_point(typed, at);
    if (!point) {
      ++at;
      continue;
    }
    const bool blank = *point == '\t' || (*point == '\n' && !multi_line);
    if (blank) {
      out += ' ';
    } else if (*point == '\n' || (*point >= 0x20 && (*point < 0x7F || *point >= 0xA0))) {
      client::append_point(out, *point);
    }
  }
  return out;
}

/// Places the characters of a text in lines of so many columns, one after the other.
class Layout {
 public:
  Layout(std::string_view text, int width) : text_(text), width_(std::max(width, 2)) {
    const auto bounds = boundaries_of(text);
    for (std::size_t i = 0; i + 1 < bounds.size(); ++i) take(bounds[i], bounds[i + 1]);
    if (column_ >= width_) break_line();
    places.push_back({text.size(), row_, column_});
  }
  struct Place {
    std::size_t at;
    int row;
    int column;
  };
  std::vector<Place> places;
  std::vector<std::string> lines{1};

 private:
  void take(std::size_t begin, std::size_t end) {
    const auto character = text_.substr(begin, end - begin);
    if (character == "\n") {
      places.push_back({begin, row_, std::min(column_, width_ - 1)});
      return break_line();
    }
    const int columns = columns_of(character);
    if (column_ + columns > width_ && column_ > 0) break_line();
    places.push_back({begin, row_, std::min(column_, width_ - 1)});  // what has no width stands on the edge
    lines.back() += character;
    column_ += columns;
  }
  void break_line() {
    lines.emplace_back();
    ++row_;
    column_ = 0;
  }

  std::string_view text_;
  int width_;
  int row_ = 0;
  int column_ = 0;
};

bool is_blank(char octet) { return octet == ' ' || octet == '\n'; }

}  // namespace

void Composer::set(std::string text) {
  text_ = std::move(text);
  at_ = text_.size();
}

std::string Composer::take() {
  at_ = 0;
  return std::exchange(text_, {});
}

bool Composer::insert(std::string_view typed) {
  const std::string clean = cleaned(typed, multi_line_);
  if (text_.size() + clean.size() > limit_) return false;
  text_.insert(at_, clean);
  at_ += clean.size();
  return true;
}

std::size_t Composer::previous() const {
  const auto bounds = boundaries_of(text_);
  const auto here = std::ranges::lower_bound(bounds, at_);
  return here == bounds.begin() ? 0 : *(here - 1);
}

std::size_t Composer::next() const {
  const auto bounds = boundaries_of(text_);
  const auto behind = std::ranges::upper_bound(bounds, at_);
  return behind == bounds.end() ? text_.size() : *behind;
}

std::size_t Composer::word_begin() const {
  std::size_t at = at_;
  while (at > 0 && is_blank(text_[at - 1])) --at;
  while (at > 0 && !is_blank(text_[at - 1])) --at;
  return at;
}

std::size_t Composer::word_end() const {
  std::size_t at = at_;
  while (at < text_.size() && is_blank(text_[at])) ++at;
  while (at < text_.size() && !is_blank(text_[at])) ++at;
  return at;
}

std::size_t Composer::line_begin() const {
  const std::size_t feed = at_ == 0 ? std::string::npos : text_.rfind('\n', at_ - 1);
  return feed == std::string::npos ? 0 : feed + 1;
}

std::size_t Composer::line_end() const { return std::min(text_.find('\n', at_), text_.size()); }

void Composer::erase(std::size_t begin, std::size_t end) {
  text_.erase(begin, end - begin);
  at_ = begin;
}

bool Composer::press(const Key& key) {
  if (key.name == KeyName::left || key.is_control('b')) {
    at_ = previous();
  } else if (key.name == KeyName::right) {
    at_ = next();
  } else if (key.name == KeyName::word_left) {
    at_ = word_begin();
  } else if (key.name == KeyName::word_right) {
    at_ = word_end();
  } else if (key.name == KeyName::home || key.is_control('a')) {
    at_ = line_begin();
  } else if (key.name == KeyName::end || key.is_control('e')) {
    at_ = line_end();
  } else if (key.name == KeyName::backspace) {
    erase(previous(), at_);
  } else if (key.name == KeyName::remove) {
    erase(at_, next());
  } else if (key.is_control('w')) {
    erase(word_begin(), at_);
  } else if (key.is_control('u')) {
    erase(line_begin(), at_);
  } else if (key.is_control('k')) {
    erase(at_, line_end());
  } else {
    return false;
  }
  return true;
}

bool Composer::move_line(bool down, int width) {
  const Layout layout(text_, width);
  const auto here = std::ranges::lower_bound(layout.places, at_, {}, &Layout::Place::at);
  const int wanted = here->row + (down ? 1 : -1);
  const int column = here->column;
  const Layout::Place* best = nullptr;
  for (const auto& place : layout.places) {
    if (place.row == wanted && (best == nullptr || place.column <= column)) best = &place;
  }
  if (best == nullptr) return false;
  at_ = best->at;
  return true;
}

Composer::View Composer::view(int width) const {
  Layout layout(text_, width);
  const auto here = std::ranges::lower_bound(layout.places, at_, {}, &Layout::Place::at);
  return {std::move(layout.lines), here->row, here->column};
}

}  // namespace sotto::terminal_ui

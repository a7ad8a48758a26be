// A text being written: moves and erases what people see as one character, whatever it is made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "terminal_ui/key.h"

namespace sotto::terminal_ui {

class Composer {
 public:
  /// `limit` in octets: what would make it longer is not taken.
  Composer(std::size_t limit, bool multi_line) : limit_(limit), multi_line_(multi_line) {}

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  /// The cursor goes to the end.
  void set(std::string text);
  std::string take();

  /// Typed or pasted; control characters are left out, a line feed is a blank where there is one line. False:
  /// it is full.
  bool insert(std::string_view typed);
  /// A key that moves or erases; false for any other one.
  bool press(const Key& key);
  /// To the line above or below; false if there is none.
  bool move_line(bool down, int width);

  /// As it looks in `width` columns.
  struct View {
    std::vector<std::string> lines;
    int row = 0;  ///< of the cursor
    int column = 0;
  };
  [[nodiscard]] View view(int width) const;

 private:
  [[nodiscard]] std::size_t previous() const;
  [[nodiscard]] std::size_t next() const;
  [[nodiscard]] std::size_t word_begin() const;
  [[nodiscard]] std::size_t word_end() const;
  [[nodiscard]] std::size_t line_begin() const;
  [[nodiscard]] std::size_t line_end() const;
  void erase(std::size_t begin, std::size_t end);

  std::size_t limit_;
  bool multi_line_;
  std::string text_;
  std::size_t at_ = 0;  ///< an octet at which a character begins, or the end
};

}  // namespace sotto::terminal_ui

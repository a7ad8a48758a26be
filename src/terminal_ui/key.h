// What a person does at the keyboard, whatever the terminal sends for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sotto::terminal_ui {

enum class KeyName : std::uint8_t {
  text,     ///< `text` is the character
  control,  ///< with Ctrl: `text` is the small letter
  alt,      ///< with Alt: `text` is the character
  enter,
  alt_enter,
  tab,
  back_tab,
  escape,
  backspace,
  remove,
  left,
  right,
  up,
  down,
  alt_up,
  alt_down,
  word_left,
  word_right,
  home,
  end,
  page_up,
  page_down,
  help,         ///< F1
  paste_begin,  ///< until paste_end everything is text, whatever it looks like
  paste_end,
  focus_in,  ///< the terminal's window has the user's attention, or lost it
  focus_out,
};

struct Key {
  KeyName name = KeyName::text;
  std::string text = {};

  [[nodiscard]] bool is_control(char letter) const {
    return name == KeyName::control && text == std::string(1, letter);
  }
  [[nodiscard]] bool is_text(std::string_view typed) const { return name == KeyName::text && text == typed; }
};

}  // namespace sotto::terminal_ui

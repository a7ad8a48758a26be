// Text of others on its way into a terminal: harmless whatever its octets, and never wider than its place.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "result/check.h"
#include "terminal_ui/composer.h"
#include "terminal_ui/grid.h"
#include "terminal_ui/text.h"

namespace sotto::terminal_ui {
namespace {

constexpr Extent kExtent{2, 17};

bool is_harmless(std::string_view character) {
  const bool c1 =
      character.size() > 1 && character[0] == '\xc2' && static_cast<unsigned char>(character[1]) < 0xa0;
  return !c1 && character.size() <= 4 * (1 + kMaxMarks) && std::ranges::all_of(character, [](char octet) {
    const auto value = static_cast<unsigned char>(octet);
    return value >= 0x20 && value != 0x7f;
  });
}

void check_grid(std::string_view text) {
  Grid grid(kExtent);
  grid.put(0, 3, text, Style::plain, 11);
  grid.put(1, -1, text, Style::plain, 11);
  for (int row = 0; row < kExtent.rows; ++row) {
    int columns = 0;
    for (int column = 0; column < kExtent.columns; ++column) {
      SOTTO_CHECK(is_harmless(grid.at(row, column).text));
      columns += columns_of(grid.at(row, column).text);
    }
    SOTTO_CHECK(columns == kExtent.columns);
  }
}

void check_composer(std::string_view text) {
  Composer composer(1000, true);
  static_cast<void>(composer.insert(text));
  for (const auto name : {KeyName::left, KeyName::word_left, KeyName::right, KeyName::remove,
                          KeyName::backspace, KeyName::home, KeyName::end}) {
    composer.press({name});
    composer.move_line(name == KeyName::left, 7);
    const auto view = composer.view(7);
    SOTTO_CHECK(view.row < static_cast<int>(view.lines.size()) && view.column < 7);
  }
}

}  // namespace
}  // namespace sotto::terminal_ui

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto::terminal_ui;  // NOLINT(google-build-using-namespace): one program
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Glyph& glyph : glyphs_of(text)) SOTTO_CHECK(glyph.text == "\n" || is_harmless(glyph.text));
  for (const int width : {2, 5, 40}) {
    for (const auto& line : wrap(text, width)) SOTTO_CHECK(columns_of(line) <= width);
    SOTTO_CHECK(columns_of(fit(text, width)) <= width);
  }
  SOTTO_CHECK(std::ranges::is_sorted(boundaries_of(text)));
  check_grid(text);
  check_composer(text);
  return 0;
}

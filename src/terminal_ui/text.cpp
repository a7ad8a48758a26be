#include "terminal_ui/text.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <optional>

#include "client/conversations/text_rules.h"

namespace sotto::terminal_ui {
namespace {

constexpr std::string_view kReplacement = "\u{FFFD}";
constexpr std::string_view kCut = "\u2026";

bool turns_direction(std::uint32_t point) {
  return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}
/// Terminals do not agree what it does to the width of the character before it.
bool is_selector(std::uint32_t point) {
  return (point >= 0xFE00 && point <= 0xFE0F) || (point >= 0xE0100 && point <= 0xE01EF);
}
bool is_skin_tone(std::uint32_t point) { return point >= 0x1F3FB && point <= 0x1F3FF; }
/// Vowels and finals that are drawn into the Hangul syllable before them.
bool is_conjoining(std::uint32_t point) {
  return (point >= 0x1160 && point <= 0x11FF) || (point >= 0xD7B0 && point <= 0xD7FF);
}

class Glyphs {
 public:
  void take(std::uint32_t point) {
    if (point == '\n') return push("\n", 0);
    if (point == '\t') return push(" ", 1);
    if (point < 0x20 || (point >= 0x7F && point < 0xA0)) return spell(fmt::format("\\x{:02x}", point));
    if (turns_direction(point)) return spell(fmt::format("\\u{:04x}", point));
    if (is_selector(point)) return;
    if (is_conjoining(point)) return mark(point);
    if (is_skin_tone(point) && !out_.empty() && out_.back().width == 2) return;
    take_by_category(point);
  }
  void spell(std::string_view letters) {
    for (const char letter : letters) push(std::string(1, letter), 1);
  }
  std::vector<Glyph> done() { return std::move(out_); }

 private:
  void take_by_category(std::uint32_t point) {
    const auto signed_point = static_cast<utf8proc_int32_t>(point);
    switch (utf8proc_category(signed_point)) {
      case UTF8PROC_CATEGORY_MN:
      case UTF8PROC_CATEGORY_ME: return mark(point);
      case UTF8PROC_CATEGORY_CF: return;
      case UTF8PROC_CATEGORY_ZL:
      case UTF8PROC_CATEGORY_ZP: return push("\n", 0);
      case UTF8PROC_CATEGORY_CN:
      case UTF8PROC_CATEGORY_CS:
      case UTF8PROC_CATEGORY_CO: return push(std::string(kReplacement), 1);
      case UTF8PROC_CATEGORY_MC: return push(encoded(point), 1);
      case UTF8PROC_CATEGORY_ZS:
        if (utf8proc_charwidth(signed_point) < 2) return push(" ", 1);
        [[fallthrough]];
      default: return push(encoded(point), utf8proc_charwidth(signed_point) == 2 ? 2 : 1);
    }
  }
  static std::string encoded(std::uint32_t point) {
    std::string text;
    client::append_point(text, point);
    return text;
  }
  void push(std::string text, int width) {
    out_.push_back({std::move(text), width});
    marks_ = 0;
  }
  void mark(std::uint32_t point) {
    if (out_.empty() || out_.back().width == 0) push(" ", 1);
    if (marks_++ < kMaxMarks) client::append_point(out_.back().text, point);
  }

  std::vector<Glyph> out_;
  std::size_t marks_ = 0;  ///< over the last one
};

/// The lines that a text is broken into.
class Wrapper {
 public:
  Wrapper(const std::vector<Glyph>& glyphs, int width) : glyphs_(glyphs), width_(std::max(width, 2)) {}

  std::vector<std::string> run() {
    for (std::size_t at = 0; at < glyphs_.size(); ++at) take(at);
    end_line(glyphs_.size(), glyphs_.size());
    return std::move(lines_);
  }

 private:
  void take(std::size_t at) {
    const Glyph& glyph = glyphs_[at];
    if (glyph.width == 0) return end_line(at, at + 1);
    if (used_ + glyph.width > width_) {
      if (glyph.text == " ") return end_line(at, at + 1);
      const std::size_t end = gap_.value_or(at);
      end_line(end, end);
      for (std::size_t each = begin_; each < at; ++each) used_ += glyphs_[each].width;
      // What came along may leave one column where two are needed.
      if (used_ + glyph.width > width_) end_line(at, at);
    }
    used_ += glyph.width;
    if (glyph.text == " ") gap_ = at + 1;
  }
  void end_line(std::size_t end, std::size_t next) {
    std::string line;
    for (std::size_t each = begin_; each < end; ++each) line += glyphs_[each].text;
    while (line.ends_with(' ')) line.pop_back();
    lines_.push_back(std::move(line));
    begin_ = next;
    used_ = 0;
    gap_.reset();
  }

  const std::vector<Glyph>& glyphs_;
  int width_;
  std::vector<std::string> lines_;
  std::size_t begin_ = 0;
  int used_ = 0;
  std::optional<std::size_t> gap_;  ///< behind the last blank of the line
};

}  // namespace

std::vector<Glyph> glyphs_of(std::string_view text) {
  Glyphs glyphs;
  const bool cut = text.size() > kMaxShown;
  text = text.substr(0, kMaxShown);
  for (std::size_t at = 0; at < text.size();) {
    if (const auto point = client::next_point(text, at)) {
      glyphs.take(*point);
    } else {
      glyphs.spell(fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at++])));
    }
  }
  if (cut) glyphs.spell(" [...]");
  return glyphs.done();
}

int columns_of(std::string_view text) {
  int columns = 0;
  for (const Glyph& glyph : glyphs_of(text)) columns += std::max(glyph.width, 1);
  return columns;
}

std::vector<std::string> wrap(std::string_view text, int width) {
  return Wrapper(glyphs_of(text), width).run();
}

std::string fit(std::string_view text, int width) {
  std::string whole;
  std::string part;  // with room for the sign that there is more
  int used = 0;
  // More octets than this cannot fit, whatever they are; what is behind them need not be looked at.
  const auto glyphs = glyphs_of(client::excerpt(text, static_cast<std::size_t>(std::max(width, 1)) * 64));
  for (const Glyph& glyph : glyphs) {
    const int columns = std::max(glyph.width, 1);
    if (used + columns > width) return width > 0 ? part + std::string(kCut) : std::string();
    used += columns;
    whole += glyph.width == 0 ? " " : glyph.text;
    if (used < width) part = whole;
  }
  return whole;
}

std::vector<std::size_t> boundaries_of(std::string_view text) {
  std::vector<std::size_t> out;
  utf8proc_int32_t state = 0;
  std::optional<std::uint32_t> before;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const auto point = client::next_point(text, at);
    if (!point) ++at;
    const bool breaks = !before || !point ||
                        utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(*before),
                                                         static_cast<utf8proc_int32_t>(*point), &state);
    if (breaks) out.push_back(begin);
    before = point;
  }
  out.push_back(text.size());
  return out;
}

}  // namespace sotto::terminal_ui

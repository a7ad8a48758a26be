#include "client/families/hours.h"

#include <algorithm>
#include <array>

namespace sotto::client {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/// Takes the text up to the mark, and the mark.
std::string_view cut(std::string_view& text, char mark) {
  const std::string_view part = text.substr(0, text.find(mark));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::optional<std::uint8_t> day(std::string_view text) {
  const auto found = std::ranges::find(kDays, text);
  if (found == kDays.end()) return std::nullopt;
  return static_cast<std::uint8_t>(found - kDays.begin());
}

/// "09:30" in minutes; 24:00 is the end of a day.
std::optional<std::uint16_t> minute(std::string_view text) {
  const bool digits = text.size() == 5 && text[2] == ':' &&
                      std::ranges::all_of(text, [](char c) { return c == ':' || (c >= '0' && c <= '9'); }) &&
                      std::ranges::count(text, ':') == 1;
  if (!digits) return std::nullopt;
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int rest = (text[3] - '0') * 10 + (text[4] - '0');
  const int out = hour * 60 + rest;
  if (rest > 59 || out > families::kMinutesOfDay) return std::nullopt;
  return static_cast<std::uint16_t>(out);
}

/// "mon-fri 15:00-20:00" for each of its days.
bool add_windows(std::string_view text, std::vector<families::Window>& out) {
  std::string_view days = cut(text, ' ');
  std::string_view times = trimmed(text);
  const auto first = day(cut(days, '-'));
  const auto last = days.empty() ? first : day(days);
  const auto from = minute(cut(times, '-'));
  const auto until = minute(times);
  if (!first || !last || !from || !until || *first > *last || *from >= *until) return false;
  for (std::uint8_t at = *first; at <= *last; ++at) out.push_back({at, *from, *until});
  return true;
}

}  // namespace

std::optional<std::vector<families::Window>> parse_hours(std::string_view text) {
  std::vector<families::Window> out;
  while (!text.empty()) {
    if (!add_windows(trimmed(cut(text, ',')), out)) return std::nullopt;
  }
  std::ranges::sort(out);
  const auto collide = [](const families::Window& a, const families::Window& b) {
    return a.day == b.day && a.until_min > b.from_min;
  };
  if (out.empty() || out.size() > families::kMaxWindows ||
      std::ranges::adjacent_find(out, collide) != out.end()) {
    return std::nullopt;
  }
  return out;
}

std::optional<int> parse_offset(std::string_view text) {
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto size = minute(text.substr(1));
  if (!size) return std::nullopt;
  const int out = text[0] == '-' ? -static_cast<int>(*size) : static_cast<int>(*size);
  if (out < families::kLeastOffset || out > families::kGreatestOffset) return std::nullopt;
  return out;
}

}  // namespace sotto::client

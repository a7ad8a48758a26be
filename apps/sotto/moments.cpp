#include "moments.h"

#include <array>
#include <charconv>
#include <ctime>

namespace sotto::cli {
namespace {

/// The number in `digits` characters at `at`.
std::optional<int> number_at(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return std::nullopt;
  const std::string_view part = text.substr(at, digits);
  int value = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
  if (error != std::errc{} || end != part.data() + part.size() || value < 0) return std::nullopt;
  return value;
}

struct Typed {
  std::tm time{};
  bool day = false;  ///< without a time
};

std::optional<Typed> parse(std::string_view text) {
  const bool day = text.size() == std::string_view("2026-03-01").size();
  if (!day && text.size() != std::string_view("2026-03-01T09:30").size()) return std::nullopt;
  if (text[4] != '-' || text[7] != '-') return std::nullopt;
  if (!day && ((text[10] != 'T' && text[10] != ' ') || text[13] != ':')) return std::nullopt;
  const std::array parts = {number_at(text, 0, 4), number_at(text, 5, 2), number_at(text, 8, 2),
                            day ? 0 : number_at(text, 11, 2), day ? 0 : number_at(text, 14, 2)};
  for (const auto& part : parts) {
    if (!part) return std::nullopt;
  }
  Typed typed{.day = day};
  typed.time.tm_year = *parts[0] - 1900;
  typed.time.tm_mon = *parts[1] - 1;
  typed.time.tm_mday = *parts[2];
  typed.time.tm_hour = *parts[3];
  typed.time.tm_min = *parts[4];
  return typed;
}

std::optional<UnixMs> moment_of(std::tm time) {
  time.tm_isdst = -1;
  const std::time_t seconds = std::mktime(&time);
  if (seconds < 0) return std::nullopt;
  return UnixMs{static_cast<std::uint64_t>(seconds) * 1000};
}

/// What is typed is a moment if the calendar gives it back unchanged.
std::optional<Typed> checked(const std::string& text) {
  const auto typed = parse(text);
  if (!typed) return std::nullopt;
  std::tm normal = typed->time;
  normal.tm_isdst = -1;
  if (std::mktime(&normal) < 0 || normal.tm_mday != typed->time.tm_mday ||
      normal.tm_mon != typed->time.tm_mon || typed->time.tm_hour > 23 || typed->time.tm_min > 59) {
    return std::nullopt;
  }
  return typed;
}

}  // namespace

std::optional<UnixMs> parse_moment(const std::string& text) {
  const auto typed = checked(text);
  return typed ? moment_of(typed->time) : std::nullopt;
}

std::optional<UnixMs> parse_end_moment(const std::string& text) {
  auto typed = checked(text);
  if (!typed) return std::nullopt;
  // Not by adding hours: some days have 23 or 25.
  (typed->day ? typed->time.tm_mday : typed->time.tm_min) += 1;
  return moment_of(typed->time);
}

}  // namespace sotto::cli

// Time as cores see it: a value handed in with each event. Only shells hold a Clock.
#pragma once

#include <compare>
#include <cstdint>

namespace sotto {

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted. Wall time: it may jump either way.
struct UnixMs {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(UnixMs, UnixMs) = default;
};

/// A length of time in milliseconds.
struct DurationMs {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(DurationMs, DurationMs) = default;
};

constexpr UnixMs operator+(UnixMs time, DurationMs length) { return {time.value + length.value}; }

/// The length from `earlier` to `later`, zero if the clock went back in between.
constexpr DurationMs elapsed(UnixMs earlier, UnixMs later) {
  return {later.value > earlier.value ? later.value - earlier.value : 0};
}

/// True once `length` has passed since `since`, and for a `since` that is still to come: a clock that was
/// wrong wrote it, and waiting for it could take a year.
constexpr bool has_passed(DurationMs length, UnixMs since, UnixMs now) {
  return since > now || elapsed(since, now) >= length;
}

constexpr DurationMs seconds(std::uint64_t count) { return {count * 1000}; }
constexpr DurationMs minutes(std::uint64_t count) { return seconds(count * 60); }
constexpr DurationMs hours(std::uint64_t count) { return minutes(count * 60); }
constexpr DurationMs days(std::uint64_t count) { return hours(count * 24); }

/// The machine's wall clock; owned by a program's main.
class SystemClock {
 public:
  [[nodiscard]] UnixMs now() const;
};

}  // namespace sotto

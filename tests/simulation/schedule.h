// Simulated time: what happens when, in the order of time and, at equal times, of scheduling.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "clock/clock.h"

namespace sotto::simulation {

class Schedule {
 public:
  /// Names an event until it has happened or was cancelled.
  using EventId = std::pair<UnixMs, std::uint64_t>;

  explicit Schedule(UnixMs start) : now_(start) {}

  [[nodiscard]] UnixMs now() const { return now_; }
  EventId after(DurationMs delay, std::function<void()> event) { return at(now_ + delay, std::move(event)); }
  /// A time in the past is now.
  EventId at(UnixMs time, std::function<void()> event);
  /// What has happened already is ignored.
  void cancel(const EventId& id) { events_.erase(id); }

  /// Lets everything happen that is due until then, and moves the clock there.
  void run_until(UnixMs end);

 private:
  UnixMs now_;
  std::uint64_t next_ = 0;
  std::map<EventId, std::function<void()>> events_;
};

}  // namespace sotto::simulation

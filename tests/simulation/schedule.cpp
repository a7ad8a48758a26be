#include "schedule.h"

#include <algorithm>

namespace sotto::simulation {

Schedule::EventId Schedule::at(UnixMs time, std::function<void()> event) {
  const EventId id{std::max(time, now_), next_++};
  events_.emplace(id, std::move(event));
  return id;
}

void Schedule::run_until(UnixMs end) {
  while (!events_.empty() && events_.begin()->first.first <= end) {
    auto event = events_.extract(events_.begin());
    now_ = event.key().first;
    event.mapped()();
  }
  now_ = std::max(now_, end);
}

}  // namespace sotto::simulation

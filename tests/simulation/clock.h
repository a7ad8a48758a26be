// The wall clock of one machine: simulated time plus its own error.
#pragma once

#include <algorithm>
#include <cstdint>

#include "schedule.h"

namespace sotto::simulation {

class MachineClock {
 public:
  explicit MachineClock(const Schedule& schedule) : schedule_(schedule) {}

  [[nodiscard]] UnixMs now() const { return shifted(schedule_.now(), error_ms_); }
  /// When simulated time will have reached what this clock calls `time`, if nobody sets it meanwhile.
  [[nodiscard]] UnixMs in_simulated_time(UnixMs time) const { return shifted(time, -error_ms_); }
  /// Positive: ahead.
  void set_error(std::int64_t ms) { error_ms_ = ms; }
  [[nodiscard]] std::int64_t error() const { return error_ms_; }

 private:
  static UnixMs shifted(UnixMs time, std::int64_t ms) {
    return {
        static_cast<std::uint64_t>(std::max<std::int64_t>(static_cast<std::int64_t>(time.value) + ms, 0))};
  }

  const Schedule& schedule_;
  std::int64_t error_ms_ = 0;
};

}  // namespace sotto::simulation

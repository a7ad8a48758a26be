// How long something that people wait for may take.
#pragma once

#include "clock/clock.h"

namespace sotto {

class Deadline {
 public:
  Deadline(UnixMs start, DurationMs length) : start_(start), length_(length) {}

  [[nodiscard]] UnixMs start() const { return start_; }
  /// Also when the clock went back to before the start: nobody knows then how long it has been.
  [[nodiscard]] bool passed(UnixMs now) const { return now < start_ || elapsed(start_, now) >= length_; }

 private:
  UnixMs start_;
  DurationMs length_;
};

}  // namespace sotto

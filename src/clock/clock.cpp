#include "clock/clock.h"

#include <chrono>

namespace sotto {

UnixMs SystemClock::now() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count())};
}

}  // namespace sotto

// Rate limits: a bucket of tokens that refills at a steady rate.
#pragma once

#include <algorithm>
#include <cstdint>

#include "clock/clock.h"

namespace sotto::server {

struct Rate {
  std::uint64_t per_second = 0;  ///< 0: no limit at all
  std::uint64_t burst = 0;       ///< what a full bucket holds
};

/// Starts full. The rate is passed to each call, so that a bucket is 16 octets.
class TokenBucket {
 public:
  /// Takes `cost` tokens, or nothing if there are fewer. A cost above the burst needs a full bucket. Returns
  /// how long to wait before trying again; zero: taken.
  DurationMs take(const Rate& rate, std::uint64_t cost, UnixMs now) {
    if (rate.per_second == 0) return {};
    const std::uint64_t full = rate.burst * 1000;
    const std::uint64_t refill_ms = full / rate.per_second + 1;
    const std::uint64_t passed = std::min(elapsed(updated_, now).value, refill_ms);
    level_ = std::min(full, level_ + passed * rate.per_second);
    updated_ = now;
    const std::uint64_t wanted = std::min(cost * 1000, full);
    if (level_ < wanted) return {(wanted - level_) / rate.per_second + 1};
    level_ -= wanted;
    return {};
  }

 private:
  std::uint64_t level_ = 0;  ///< thousandths of a token
  UnixMs updated_;           ///< zero at first, which fills the bucket
};

}  // namespace sotto::server

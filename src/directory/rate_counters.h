// Counters that limit how often somebody asks, without remembering who: keys are HMACs under a key that dies
// with its window, so at most 24 hours later nothing says who asked for whom. Never stored, never logged.
#pragma once

#include <initializer_list>
#include <unordered_map>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "crypto/random.h"
#include "directory/limits.h"

namespace sotto::directory {

/// What is counted.
enum class Rate : std::uint8_t {
  resolve,
  account_lookup,
  manifest_page,
  fetch_pair,
  one_time_pair,
  one_time_target,
  upload,
  publish,
  handle_change,
};

class RateCounters {
 public:
  RateCounters(const RateLimits& limits, crypto::RandomSource& random);

  /// Counts one more and says whether it is within the limit; beyond it nothing is counted. Windows are
  /// fixed, so twice the limit can pass around the end of one.
  bool allow(Rate rate, std::initializer_list<ByteView> who, UnixMs now);
  /// When the window of `rate` ends.
  [[nodiscard]] DurationMs retry_after(Rate rate, UnixMs now) const;
  /// Forgets windows that have ended; to be called about once a minute.
  void tick(UnixMs now);
  /// Counters held.
  [[nodiscard]] std::size_t size() const { return hour_.counts.size() + day_.counts.size(); }

 private:
  using Key = ByteArray<16>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  using WindowKey = crypto::SecretArray<48, struct WindowKeyTag>;
  struct Window {
    DurationMs length;
    WindowKey key;
    UnixMs start{};
    std::unordered_map<Key, std::uint32_t, KeyHash> counts{};
  };

  [[nodiscard]] std::uint32_t limit(Rate rate) const;
  static bool is_daily(Rate rate) { return rate == Rate::publish || rate == Rate::handle_change; }
  void refresh(Window& window, UnixMs now);

  RateLimits limits_;
  crypto::RandomSource& random_;
  Window hour_;
  Window day_;
};

}  // namespace sotto::directory

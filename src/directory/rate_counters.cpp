#include "directory/rate_counters.h"

#include <cstring>

#include "bytes/encoder.h"
#include "crypto/hash.h"

namespace sotto::directory {

std::size_t RateCounters::KeyHash::operator()(const Key& key) const noexcept {
  std::size_t out = 0;  // the key is an HMAC output: any part of it is a hash
  std::memcpy(&out, key.data(), sizeof out);
  return out;
}

RateCounters::RateCounters(const RateLimits& limits, crypto::RandomSource& random)
    : limits_(limits),
      random_(random),
      hour_{hours(1), crypto::random_secret<WindowKey>(random)},
      day_{hours(24), crypto::random_secret<WindowKey>(random)} {}

std::uint32_t RateCounters::limit(Rate rate) const {
  switch (rate) {
    case Rate::resolve: return limits_.resolves;
    case Rate::account_lookup: return limits_.account_lookups;
    case Rate::manifest_page: return limits_.manifest_pages;
    case Rate::fetch_pair: return limits_.fetches_per_pair;
    case Rate::one_time_pair: return limits_.one_time_per_pair;
    case Rate::one_time_target: return limits_.one_time_per_target;
    case Rate::upload: return limits_.uploads;
    case Rate::publish: return limits_.publishes_per_day;
    case Rate::handle_change: return limits_.handle_changes_per_day;
  }
  return 0;
}

void RateCounters::refresh(Window& window, UnixMs now) {
  // A clock that went back by more than a window would otherwise keep counters for too long.
  const bool over =
      elapsed(window.start, now) >= window.length || elapsed(now, window.start) >= window.length;
  if (!over) return;
  window.counts = {};
  window.key = crypto::random_secret<WindowKey>(random_);
  window.start = now;
}

bool RateCounters::allow(Rate rate, std::initializer_list<ByteView> who, UnixMs now) {
  Window& window = is_daily(rate) ? day_ : hour_;
  refresh(window, now);
  Encoder subject;
  subject.u8(static_cast<std::uint8_t>(rate));
  for (const ByteView part : who) subject.var(part);
  const auto digest = crypto::hmac_sha384(window.key, {subject.view()});
  const Key key = to_array<16>(ByteView(digest).first(16));
  const auto found = window.counts.find(key);
  if (found == window.counts.end()) {
    if (limit(rate) == 0 || window.counts.size() >= kMaxCounters) return false;
    window.counts.emplace(key, 1);
    return true;
  }
  if (found->second >= limit(rate)) return false;
  ++found->second;
  return true;
}

DurationMs RateCounters::retry_after(Rate rate, UnixMs now) const {
  const Window& window = is_daily(rate) ? day_ : hour_;
  const DurationMs passed = elapsed(window.start, now);
  return {window.length.value > passed.value ? window.length.value - passed.value : 1};
}

void RateCounters::tick(UnixMs now) {
  refresh(hour_, now);
  refresh(day_, now);
}

}  // namespace sotto::directory

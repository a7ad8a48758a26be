// What is remembered about parties for as long as they are connected and a while longer, so that reconnecting
// does not refill an allowance.
#pragma once

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <vector>

#include "clock/clock.h"

namespace sotto::server {

/// Maps Key to Value while `connections` is above zero or the last use is recent. Bounded: strangers beyond
/// `capacity` share one value.
template <typename Key, typename Value, typename Hash = std::hash<Key>>
class Recent {
 public:
  Recent(std::size_t capacity, DurationMs memory) : capacity_(capacity), memory_(memory) {}

  struct Entry {
    Value value;
    std::size_t connections = 0;
    UnixMs last_used;
  };

  Entry& use(const Key& key, UnixMs now) {
    auto found = entries_.find(key);
    if (found == entries_.end()) {
      if (entries_.size() >= capacity_) return overflow_;
      found = entries_.try_emplace(key).first;
    }
    found->second.last_used = now;
    return found->second;
  }
  void disconnect(const Key& key, UnixMs now) {
    const auto found = entries_.find(key);
    Entry& known = found == entries_.end() ? overflow_ : found->second;
    known.last_used = now;
    if (known.connections > 0) --known.connections;
  }
  /// Forgets silent parties; looks at `max_buckets` of the table at most.
  void sweep(UnixMs now, std::size_t max_buckets) {
    std::vector<Key> forgotten;
    const std::size_t count = std::min(entries_.bucket_count(), max_buckets);
    for (std::size_t i = 0; i < count; ++i) {
      cursor_ = (cursor_ + 1) % entries_.bucket_count();
      for (auto at = entries_.begin(cursor_); at != entries_.end(cursor_); ++at) {
        const bool silent = elapsed(at->second.last_used, now) > memory_;
        if (at->second.connections == 0 && silent) forgotten.push_back(at->first);
      }
    }
    for (const Key& key : forgotten) entries_.erase(key);
  }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  std::size_t capacity_;
  DurationMs memory_;
  std::unordered_map<Key, Entry, Hash> entries_;
  Entry overflow_;
  std::size_t cursor_ = 0;
};

}  // namespace sotto::server

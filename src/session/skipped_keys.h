// Keys of messages that were overtaken: kept until the message comes, it is too late, or there are too many
// (docs/specs/session-protocol.md 5, 8). Apart from the session's small record, in runs that are persisted
// one by one.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "clock/clock.h"
#include "session/chains.h"
#include "session/limits.h"

namespace sotto::session {

template <typename Kind>
class SkippedKeys {
 public:
  using Name = typename Kind::Name;
  using MessageKey = typename Kind::MessageKey;

  /// Consecutive keys of one chain; a used key leaves a hole.
  struct Run {
    std::uint32_t id = 0;
    Name chain{};
    std::uint32_t first = 0;
    UnixMs stored;
    std::vector<std::optional<MessageKey>> keys;

    [[nodiscard]] std::size_t left() const {
      return static_cast<std::size_t>(
          std::ranges::count_if(keys, [](const auto& key) { return key.has_value(); }));
    }
  };
  /// Keys in one run: bounds what is rewritten when one late message arrives (4 kB).
  static constexpr std::uint32_t kRunLength = 64;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const std::deque<Run>& runs() const { return runs_; }
  [[nodiscard]] bool knows(const Name& chain) const {
    return std::ranges::any_of(runs_, [&](const Run& run) { return run.chain == chain; });
  }

  /// Null if there is none.
  [[nodiscard]] const MessageKey* find(const Name& chain, std::uint32_t n) const {
    for (const Run& run : runs_) {
      if (run.chain == chain && n >= run.first && n - run.first < run.keys.size()) {
        const auto& key = run.keys[n - run.first];
        if (key) return &*key;
      }
    }
    return nullptr;
  }

  void erase(const Name& chain, std::uint32_t n) {
    for (auto run = runs_.begin(); run != runs_.end(); ++run) {
      if (run->chain != chain || n < run->first || n - run->first >= run->keys.size()) continue;
      auto& key = run->keys[n - run->first];
      if (!key) continue;
      key.reset();
      --size_;
      changed_.insert(run->id);
      if (run->left() == 0) runs_.erase(run);
      return;
    }
  }

  void store(const Name& chain, KeyRun<Kind> keys, UnixMs now) {
    for (std::size_t i = 0; i < keys.keys.size(); ++i) {
      append(chain, keys.first + static_cast<std::uint32_t>(i), std::move(keys.keys[i]), now);
    }
    if (size_ > kMaxSkippedKeys) drop_oldest(size_ - kMaxSkippedKeys);
  }

  /// Forgets whole runs, oldest first, until at least `count` keys are gone or none is left. Returns how many
  /// went.
  std::size_t drop_oldest(std::size_t count) {
    std::size_t dropped = 0;
    while (dropped < count && !runs_.empty()) dropped += drop_front();
    return dropped;
  }

  void expire(UnixMs now) {
    while (!runs_.empty() && elapsed(runs_.front().stored, now) > kSkippedKeyLifetime) drop_front();
  }

  /// The ids of runs that changed or went since the last call.
  std::set<std::uint32_t> take_changed() { return std::exchange(changed_, {}); }
  /// Null if the run is gone.
  [[nodiscard]] const Run* run(std::uint32_t id) const {
    const auto found = std::ranges::find(runs_, id, &Run::id);
    return found == runs_.end() ? nullptr : &*found;
  }
  /// Puts a loaded run back. False if the bounds do not hold.
  bool restore(Run run) {
    const std::size_t left = run.left();
    if (left == 0 || run.keys.size() > kRunLength || size_ + left > kMaxSkippedKeys) return false;
    if (run.first > kMaxCounter) return false;
    size_ += left;
    next_id_ = std::max(next_id_, run.id + 1);
    const auto place = std::ranges::lower_bound(runs_, run.id, {}, &Run::id);
    if (place != runs_.end() && place->id == run.id) return false;
    runs_.insert(place, std::move(run));
    return true;
  }

 private:
  void append(const Name& chain, std::uint32_t n, MessageKey key, UnixMs now) {
    if (runs_.empty() || runs_.back().chain != chain || n < runs_.back().first ||
        n - runs_.back().first >= kRunLength || n - runs_.back().first < runs_.back().keys.size()) {
      runs_.push_back(Run{.id = next_id_++, .chain = chain, .first = n, .stored = now, .keys = {}});
    }
    Run& run = runs_.back();
    while (run.keys.size() < n - run.first) run.keys.emplace_back();
    run.keys.emplace_back(std::move(key));
    changed_.insert(run.id);
    ++size_;
  }

  std::size_t drop_front() {
    const std::size_t left = runs_.front().left();
    changed_.insert(runs_.front().id);
    size_ -= left;
    runs_.pop_front();
    return left;
  }

  std::deque<Run> runs_;  ///< ascending id, so oldest first
  std::set<std::uint32_t> changed_;
  std::uint32_t next_id_ = 0;
  std::size_t size_ = 0;
};

}  // namespace sotto::session

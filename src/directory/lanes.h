// One request at a time for each key: the next one starts when the one before gave its pass back. So a
// request that reads, decides and commits never decides on what another one is about to change.
#pragma once

#include <deque>
#include <functional>
#include <unordered_map>
#include <utility>

#include "directory/limits.h"

namespace sotto::directory {

template <typename Key>
class Lanes {
 public:
  /// The right to work on a key; giving it back is dropping it.
  class Pass {
   public:
    Pass(Pass&& other) noexcept : lanes_(std::exchange(other.lanes_, nullptr)), key_(other.key_) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (lanes_ != nullptr) lanes_->leave(key_);
    }

   private:
    friend class Lanes;
    Pass(Lanes* lanes, const Key& key) : lanes_(lanes), key_(key) {}
    Lanes* lanes_;
    Key key_;
  };
  using Job = std::move_only_function<void(Pass)>;

  /// Runs `job` now, or as soon as those before it are done. False when kMaxWaiting wait already: `job` will
  /// not run and is left as it was.
  [[nodiscard]] bool enter(const Key& key, Job&& job) {
    const auto [lane, free] = lanes_.try_emplace(key);
    if (!free) {
      if (lane->second.size() >= kMaxWaiting) return false;
      lane->second.push_back(std::move(job));
      return true;
    }
    Job(std::move(job))(Pass(this, key));
    return true;
  }

  /// Drops every waiting job; passes given back later start nothing. For the owner's destructor.
  void close() {
    closed_ = true;
    auto dropped = std::exchange(lanes_, {});
  }

 private:
  void leave(const Key& key) {
    if (closed_) return;
    const auto lane = lanes_.find(key);
    if (lane->second.empty()) {
      lanes_.erase(lane);
      return;
    }
    Job next = std::move(lane->second.front());
    lane->second.pop_front();
    next(Pass(this, key));  // nests at most kMaxWaiting deep, when each of them ends at once
  }

  std::unordered_map<Key, std::deque<Job>> lanes_;
  bool closed_ = false;
};

}  // namespace sotto::directory

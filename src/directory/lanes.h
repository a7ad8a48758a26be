// One request at a time for each key: the next one starts when the one before gave its pass back. So a
// request that reads, decides and commits never decides on what another one is about to change.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>

#include "directory/limits.h"

namespace sotto::directory {

template <typename Key>
class Lanes {
 private:
  struct State;

 public:
  /// The right to work on a key; giving it back is dropping it. It may outlive the lanes.
  class Pass {
   public:
    Pass(Pass&& other) noexcept : state_(std::exchange(other.state_, {})), key_(other.key_) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (const auto state = state_.lock()) leave(state, key_);
    }

   private:
    friend class Lanes;
    Pass(const std::shared_ptr<State>& state, const Key& key) : state_(state), key_(key) {}
    std::weak_ptr<State> state_;
    Key key_;
  };
  using Job = std::move_only_function<void(Pass)>;

  Lanes() = default;
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  ~Lanes() { close(); }

  /// Runs `job` now, or as soon as those before it are done. False when kMaxWaiting wait already: `job` will
  /// not run and is left as it was.
  [[nodiscard]] bool enter(const Key& key, Job&& job) {
    const auto [lane, free] = state_->lanes.try_emplace(key);
    if (!free) {
      if (lane->second.size() >= kMaxWaiting) return false;
      lane->second.push_back(std::move(job));
      return true;
    }
    Job(std::move(job))(Pass(state_, key));
    return true;
  }

  /// Drops every waiting job; passes given back later start nothing. For the owner's destructor.
  void close() {
    state_->closed = true;
    auto dropped = std::exchange(state_->lanes, {});
  }

 private:
  struct State {
    std::unordered_map<Key, std::deque<Job>> lanes;
    bool closed = false;
  };

  static void leave(const std::shared_ptr<State>& state, const Key& key) {
    if (state->closed) return;
    const auto lane = state->lanes.find(key);
    if (lane->second.empty()) {
      state->lanes.erase(lane);
      return;
    }
    Job next = std::move(lane->second.front());
    lane->second.pop_front();
    next(Pass(state, key));  // nests at most kMaxWaiting deep, when each of them ends at once
  }

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace sotto::directory

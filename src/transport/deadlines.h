// Deadlines of many connections with one timer: each kind has one fixed length, so its queue is in order of
// expiry by construction and every operation is O(1). Time is handed in. Internal to the module.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "clock/clock.h"

namespace sotto::transport {

using MonotonicTime = std::chrono::steady_clock::time_point;

enum class DeadlineKind : std::uint8_t {
  handshake,  ///< TLS must be done
  request,    ///< an HTTP request must be complete, or its answer taken
  idle,       ///< time for a ping
  pong,       ///< the ping must be answered
  close,      ///< the peer must have closed too
  none,       ///< not armed
};

/// Base of whatever has one deadline at a time. Must be disarmed before it dies.
class DeadlineHook {
 public:
  DeadlineHook() = default;
  DeadlineHook(const DeadlineHook&) = delete;
  DeadlineHook& operator=(const DeadlineHook&) = delete;
  [[nodiscard]] DeadlineKind kind() const { return kind_; }

 private:
  friend class Deadlines;
  DeadlineHook* previous_ = nullptr;
  DeadlineHook* next_ = nullptr;
  MonotonicTime due_;
  DeadlineKind kind_ = DeadlineKind::none;
};

class Deadlines {
 public:
  static constexpr std::size_t kKinds = static_cast<std::size_t>(DeadlineKind::none);

  void set_length(DeadlineKind kind, DurationMs length);
  /// Starts the deadline, in place of any other the hook had.
  void arm(DeadlineHook& hook, DeadlineKind kind, MonotonicTime now);
  void disarm(DeadlineHook& hook);
  /// Disarms and returns one hook that is due, with the kind it had; call until nullopt.
  std::optional<std::pair<DeadlineHook*, DeadlineKind>> take_due(MonotonicTime now);
  /// The earliest deadline.
  [[nodiscard]] std::optional<MonotonicTime> next() const;

 private:
  struct Queue {
    std::chrono::milliseconds length{};
    DeadlineHook* first = nullptr;
    DeadlineHook* last = nullptr;
  };
  std::array<Queue, kKinds> queues_{};
};

}  // namespace sotto::transport

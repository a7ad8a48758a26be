#include "transport/deadlines.h"

#include "result/check.h"

namespace sotto::transport {

void Deadlines::set_length(DeadlineKind kind, DurationMs length) {
  queues_.at(static_cast<std::size_t>(kind)).length = std::chrono::milliseconds(length.value);
}

void Deadlines::arm(DeadlineHook& hook, DeadlineKind kind, MonotonicTime now) {
  disarm(hook);
  Queue& queue = queues_.at(static_cast<std::size_t>(kind));
  hook.kind_ = kind;
  hook.due_ = now + queue.length;
  hook.previous_ = queue.last;
  (queue.last != nullptr ? queue.last->next_ : queue.first) = &hook;
  queue.last = &hook;
}

void Deadlines::disarm(DeadlineHook& hook) {
  if (hook.kind_ == DeadlineKind::none) return;
  Queue& queue = queues_.at(static_cast<std::size_t>(hook.kind_));
  (hook.previous_ != nullptr ? hook.previous_->next_ : queue.first) = hook.next_;
  (hook.next_ != nullptr ? hook.next_->previous_ : queue.last) = hook.previous_;
  hook.previous_ = nullptr;
  hook.next_ = nullptr;
  hook.kind_ = DeadlineKind::none;
}

std::optional<std::pair<DeadlineHook*, DeadlineKind>> Deadlines::take_due(MonotonicTime now) {
  for (const Queue& queue : queues_) {
    DeadlineHook* hook = queue.first;
    if (hook == nullptr || hook->due_ > now) continue;
    const DeadlineKind kind = hook->kind_;
    disarm(*hook);
    return std::pair{hook, kind};
  }
  return std::nullopt;
}

std::optional<MonotonicTime> Deadlines::next() const {
  std::optional<MonotonicTime> earliest;
  for (const Queue& queue : queues_) {
    if (queue.first != nullptr && (!earliest || queue.first->due_ < *earliest)) earliest = queue.first->due_;
  }
  return earliest;
}

}  // namespace sotto::transport

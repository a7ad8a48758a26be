// First at once, then ever more rarely; a quiet day forgives (docs/specs/session-protocol.md 8).
#pragma once

#include <algorithm>

#include "clock/clock.h"
#include "session/limits.h"
#include "session/secret_codec.h"

namespace sotto::session {

class BackOff {
 public:
  [[nodiscard]] bool allows(UnixMs now) const {
    return uses_ == 0 ||
           has_passed(DurationMs{kResetInterval.value << std::min(uses_ - 1, kMaxResetDoublings)}, last_,
                      now);
  }
  void use(UnixMs now) {
    if (uses_ != 0 && has_passed(kResetForgiveness, last_, now)) uses_ = 0;
    uses_ = std::min(uses_ + 1, kMaxResetDoublings + 1);
    last_ = now;
  }

  void write(RecordWriter& out) const { out.u64(last_.value).u32(uses_); }
  static BackOff read(RecordReader& in) {
    BackOff out;
    out.last_ = UnixMs{in.u64()};
    out.uses_ = std::min(in.u32(), kMaxResetDoublings + 1);
    return out;
  }

 private:
  UnixMs last_;
  std::uint32_t uses_ = 0;
};

}  // namespace sotto::session

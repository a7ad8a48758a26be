#include "linking/attempts.h"

#include "bytes/encoder.h"
#include "linking/limits.h"

namespace sotto::linking {
namespace {

constexpr std::uint8_t kFormat = 1;

/// After a clock went back a failure lies in the future; then it is remembered until that time and the pause.
bool over(UnixMs failure, UnixMs now) { return elapsed(failure, now) >= kPause; }

}  // namespace

std::optional<UnixMs> LinkAttempts::paused_until(UnixMs now) const {
  if (failures_.size() < kMaxFailures || over(failures_.back(), now)) return std::nullopt;
  return failures_.back() + kPause;
}

LinkingResult<LinkAttempts> LinkAttempts::with_run(UnixMs now) const {
  if (paused_until(now)) return err(LinkingError::paused);
  LinkAttempts next;
  if (failures_.size() < kMaxFailures) {  // else the pause is over, and with it all that led to it
    for (const UnixMs failure : failures_) {
      if (!over(failure, now)) next.failures_.push_back(failure);
    }
  }
  next.failures_.push_back(now);
  return next;
}

Bytes LinkAttempts::encode() const {
  Encoder out;
  out.u8(kFormat).u8(static_cast<std::uint8_t>(failures_.size()));
  for (const UnixMs failure : failures_) out.u64(failure.value);
  return std::move(out).take();
}

LinkingResult<LinkAttempts> LinkAttempts::decode(ByteView record) {
  Decoder in(record);
  const std::uint8_t format = in.u8();
  const std::uint8_t count = in.u8();
  if (in.failed() || format != kFormat || count > kMaxFailures) return err(LinkingError::malformed);
  LinkAttempts out;
  for (std::uint8_t i = 0; i < count; ++i) out.failures_.push_back({in.u64()});
  if (!in.finished()) return err(LinkingError::malformed);
  return out;
}

}  // namespace sotto::linking

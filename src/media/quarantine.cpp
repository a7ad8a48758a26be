#include "media/quarantine.h"

#include "bytes/encoder.h"
#include "media/limits.h"

namespace sotto::media {
namespace {

constexpr std::uint8_t kVersion = 1;

bool counts(MediaError error) {
  switch (error) {
    case MediaError::crashed:
    case MediaError::timed_out:
    case MediaError::forbidden_call:
    case MediaError::bad_answer: return true;
    case MediaError::not_a_picture:
    case MediaError::not_supported:
    case MediaError::malformed:
    case MediaError::too_large:
    case MediaError::not_confined:
    case MediaError::not_started: return false;
  }
  return true;
}

}  // namespace

Standing standing(const QuarantineRecord& record, UnixMs now) {
  if (record.attack || record.failures >= kMaxTries) return Quarantined{.attack = record.attack};
  if (record.failures == 0 || has_passed(kRetryAfter, record.last_failure, now)) return MayTry{};
  return Wait{.until = record.last_failure + kRetryAfter};
}

QuarantineRecord after(const QuarantineRecord& record, MediaError error, UnixMs now) {
  if (!counts(error)) return record;
  QuarantineRecord next = record;
  if (next.failures < kMaxTries) ++next.failures;
  // What nobody does by accident needs no second try.
  next.attack = next.attack || error == MediaError::forbidden_call || error == MediaError::bad_answer;
  next.last_failure = now;
  return next;
}

Bytes encode(const QuarantineRecord& record) {
  Encoder out(kQuarantineRecordSize);
  out.u8(kVersion).u8(record.failures).u8(record.attack ? 1 : 0).u64(record.last_failure.value);
  return std::move(out).take();
}

std::optional<QuarantineRecord> decode_quarantine_record(ByteView octets) {
  Decoder in(octets);
  const std::uint8_t version = in.u8();
  const std::uint8_t failures = in.u8();
  const std::uint8_t attack = in.u8();
  const UnixMs last{in.u64()};
  if (!in.finished() || version != kVersion || failures > kMaxTries || attack > 1) return std::nullopt;
  const bool empty = failures == 0;
  if (empty && (attack == 1 || last.value != 0)) return std::nullopt;
  return QuarantineRecord{.failures = failures, .attack = attack == 1, .last_failure = last};
}

}  // namespace sotto::media

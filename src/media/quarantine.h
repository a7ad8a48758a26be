// Which files are not given to a decoder again. A pure state machine; the client stores its record beside the
// file's (docs/specs/media-sandbox.md 6).
#pragma once

#include <optional>
#include <variant>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "media/error.h"

namespace sotto::media {

/// What is known about one file's failures. A new one: none so far.
struct QuarantineRecord {
  std::uint8_t failures = 0;  ///< of the decoder, not of the file's form
  bool attack = false;        ///< the decoder was taken over
  UnixMs last_failure;

  friend bool operator==(const QuarantineRecord&, const QuarantineRecord&) = default;
};

/// It may be decoded now.
struct MayTry {};
/// It may be decoded at that time.
struct Wait {
  UnixMs until;
};
/// Not any more, unless a person releases it.
struct Quarantined {
  bool attack = false;
};
using Standing = std::variant<MayTry, Wait, Quarantined>;

Standing standing(const QuarantineRecord& record, UnixMs now);
/// The record after the decoder gave this error at that time. Errors that speak about the file's form, or
/// about this machine, change nothing: the one will not be different next time, the other is not the file's
/// fault.
QuarantineRecord after(const QuarantineRecord& record, MediaError error, UnixMs now);

inline constexpr std::size_t kQuarantineRecordSize = 11;
Bytes encode(const QuarantineRecord& record);
/// Empty for anything that encode() does not write.
std::optional<QuarantineRecord> decode_quarantine_record(ByteView octets);

}  // namespace sotto::media

#include "session/sequence_set.h"

#include "bytes/encoder.h"

namespace sotto::session {

bool SequenceSet::contains(std::uint64_t seq) const {
  if (seq == 0) return true;
  if (seq > high_water_) return false;
  auto gap = gaps_.upper_bound(seq);
  if (gap == gaps_.begin()) return true;
  --gap;
  return seq > gap->second;
}

bool SequenceSet::insert(std::uint64_t seq) {
  if (contains(seq)) return false;
  if (seq > high_water_) {
    if (seq > high_water_ + 1) gaps_[high_water_ + 1] = seq - 1;
    high_water_ = seq;
    if (gaps_.size() > kMaxGaps) gaps_.erase(gaps_.begin());
    return true;
  }
  const auto gap = std::prev(gaps_.upper_bound(seq));
  const auto [first, last] = *gap;
  gaps_.erase(gap);
  if (first < seq) gaps_[first] = seq - 1;
  if (seq < last) gaps_[seq + 1] = last;
  if (gaps_.size() > kMaxGaps) gaps_.erase(gaps_.begin());
  return true;
}

std::uint64_t SequenceSet::missing() const {
  std::uint64_t count = 0;
  for (const auto& [first, last] : gaps_) {
    // Before the start of the run that the number after the gap is in, nobody knows what was used.
    const std::uint64_t run = (last + 1) >> 32 << 32;
    count += last + 1 - std::max(first, run);
  }
  return count;
}

Bytes SequenceSet::encode() const {
  Encoder out(16 + gaps_.size() * 16);
  out.u8(1).u64(high_water_).u32(static_cast<std::uint32_t>(gaps_.size()));
  for (const auto& [first, last] : gaps_) out.u64(first).u64(last);
  return std::move(out).take();
}

SessionResult<SequenceSet> SequenceSet::decode(ByteView record) {
  Decoder in(record);
  SequenceSet out;
  const bool known = in.u8() == 1;
  out.high_water_ = in.u64();
  const std::uint32_t count = in.u32();
  if (!known || count > kMaxGaps) return err(SessionError::corrupt_record);
  std::uint64_t previous = 0;
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) {
    const std::uint64_t first = in.u64();
    const std::uint64_t last = in.u64();
    // Ascending, apart by a seen number, all below the high-water mark.
    const bool apart = first > 0 && (previous == 0 || first > previous + 1);
    if (!apart || last < first || last >= out.high_water_) return err(SessionError::corrupt_record);
    out.gaps_[first] = last;
    previous = last;
  }
  if (!in.finished()) return err(SessionError::corrupt_record);
  return out;
}

}  // namespace sotto::session

#include "transparency/auditor.h"

#include "bytes/encoder.h"
#include "result/check.h"
#include "transparency/limits.h"

namespace sotto::transparency {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kLeafRecordSize = 72;

}  // namespace

std::unexpected<TransparencyError> Auditor::stop(TransparencyError error) {
  violation_ = error;
  return err(error);
}

/// The rules that need no hashing of the map.
TransparencyResult<void> Auditor::check(const Entry& entry, std::span<const Mutation> mutations) const {
  if (entry.epoch != peaks_.size()) return err(TransparencyError::wrong_epoch);
  if (last_ && entry.time < last_->time) return err(TransparencyError::time_went_back);
  SOTTO_TRY(const Hash list, hash_of(mutations));
  if (list != entry.mutations) return err(TransparencyError::wrong_list);
  for (const Mutation& mutation : mutations) {
    const auto record = map_.find(mutation.key);
    if (mutation.version != (record ? record->version : 0) + 1) return err(TransparencyError::wrong_version);
  }
  return {};
}

TransparencyResult<void> Auditor::follow(const Entry& entry, std::span<const Mutation> mutations) {
  if (violation_) return err(*violation_);
  if (const auto checked = check(entry, mutations); !checked) return stop(checked.error());
  for (const Mutation& mutation : mutations) map_.set(mutation.key, {mutation.version, mutation.leaf});
  if (map_.root() != entry.map_root) return stop(TransparencyError::wrong_root);
  peaks_.append(entry.leaf());
  last_ = entry;
  return {};
}

TransparencyResult<void> Auditor::admit(const SignedTreeHead& head, UnixMs now) {
  if (violation_) return err(*violation_);
  SOTTO_CHECK_OK(verify(keys_, head));
  if (elapsed(now, head.head.time) > kMaxHeadAge) return err(TransparencyError::head_from_future);
  if (head.head.size != size()) return err(TransparencyError::head_behind);
  if (admitted_ && head.head.time < admitted_->head.time) return err(TransparencyError::head_behind);
  if (head.head.root != root()) return stop(TransparencyError::wrong_root);
  if (head.head.time < last_->time) return stop(TransparencyError::time_went_back);
  admitted_ = head;
  return {};
}

Bytes Auditor::saved() {
  SOTTO_CHECK(!violation_);
  Encoder out(LogKeys::kSize + map_.size() * kLeafRecordSize);
  out.u8(kFormat).raw(keys_.encoded()).u64(size());
  for (const Hash& peak : peaks_.peaks()) out.raw(peak);
  if (last_) out.raw(last_->encoded());
  out.u8(admitted_ ? 1 : 0);
  if (admitted_) out.raw(admitted_->head.encoded()).raw(admitted_->signature);
  out.u64(map_.size());
  map_.for_each([&out](const MapKey& key, const MapReplica::Record& record) {
    out.raw(key).u64(record.version).raw(record.leaf);
  });
  return std::move(out).take();
}

TransparencyResult<Auditor> Auditor::restore(ByteView octets) {
  Decoder in(octets);
  if (in.u8() != kFormat) return err(TransparencyError::malformed);
  SOTTO_TRY(LogKeys keys, LogKeys::parse(in.raw(LogKeys::kSize)));
  Auditor out(std::move(keys));
  const std::uint64_t size = in.u64();
  crypto::MerklePath peaks;
  for (std::size_t i = crypto::MerklePeaks::places(size).size(); i > 0; --i) peaks.push_back(in.array<32>());
  auto restored = crypto::MerklePeaks::restore(size, std::move(peaks));
  SOTTO_CHECK(restored);
  out.peaks_ = *std::move(restored);
  if (size > 0) {
    SOTTO_TRY(out.last_, Entry::parse(in.raw(kEntrySize)));
  }
  if (in.u8() == 1) {
    SOTTO_TRY(const TreeHead head, TreeHead::parse(in.raw(kTreeHeadSize)));
    out.admitted_ = SignedTreeHead{head, in.array<crypto::kHybridSignatureSize>(), {}};
  }
  const std::uint64_t count = in.u64();
  if (in.failed() || count != in.remaining() / kLeafRecordSize) return err(TransparencyError::malformed);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto key = in.array<32>();
    const std::uint64_t version = in.u64();
    out.map_.set(key, {version, in.array<32>()});
  }
  if (!in.finished()) return err(TransparencyError::malformed);
  const Hash map_root = out.last_ ? out.last_->map_root : empty_hash();
  const bool same_size = out.admitted_ && out.admitted_->head.size == size;
  if (out.map_.root() != map_root || (same_size && out.admitted_->head.root != out.root())) {
    return err(TransparencyError::wrong_root);
  }
  return out;
}

}  // namespace sotto::transparency

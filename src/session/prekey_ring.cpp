#include "session/prekey_ring.h"

#include <algorithm>

#include "crypto/hash.h"
#include "result/check.h"
#include "session/secret_codec.h"

namespace sotto::session {
namespace {

constexpr std::uint8_t kRecordVersion = 1;
/// Room left for INITs that arrive while a new batch is on its way to the directory.
constexpr std::size_t kReplayReserve = kMaxReplayEntries / 8;

}  // namespace

bool PrekeyRing::rotation_due(UnixMs now) const {
  if (batches_.empty()) return true;
  const Batch& newest = batches_.back();
  return elapsed(newest.created, now) >= kPrekeyRotation ||
         newest.sessions.size() >= kMaxReplayEntries - kReplayReserve;
}

bool PrekeyRing::refill_due(std::uint32_t remaining, UnixMs now) const {
  return remaining < kRefillBelow &&
         (batches_.empty() || has_passed(kRefillInterval, batches_.back().created, now));
}

/// Senders refuse a batch that is older than one they have seen: a clock that went back a little must not
/// make one.
UnixMs PrekeyRing::next_creation(UnixMs now) const {
  if (batches_.empty() || elapsed(now, batches_.back().created) > kMaxClockAhead) return now;
  return std::max(now, batches_.back().created + DurationMs{1});
}

PrekeyUpload PrekeyRing::generate(const LocalDevice& local, UnixMs now, crypto::RandomSource& random,
                                  std::uint32_t count) {
  SOTTO_CHECK(count <= kMaxOneTimePairs);
  const UnixMs created = next_creation(now);
  const auto spk = crypto::P256PrivateKey::generate(random);
  const auto last_resort = crypto::MlKem1024DecapsulationKey::generate(random);
  PrekeyUpload upload{
      .m = {}, .signature = {}, .last_resort_kem = to_bytes(last_resort.encapsulation_key()), .pairs = {}};
  std::vector<std::optional<OneTimePrivate>> privates;
  crypto::MerklePath leaves;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto ec = crypto::P256PrivateKey::generate(random);
    const auto kem = crypto::MlKem1024DecapsulationKey::generate(random);
    upload.pairs.push_back({to_bytes(ec.public_key().encoded()), to_bytes(kem.encapsulation_key())});
    leaves.push_back(pair_leaf(i, {upload.pairs.back().ec, upload.pairs.back().kem}));
    privates.emplace_back(OneTimePrivate{ec.scalar().clone(), kem.seed().clone()});
  }
  upload.m = session::encode(PrekeyBatch{.owner = local.identity(),
                                         .created = created,
                                         .expires = created + kMaxBatchValidity,
                                         .signed_prekey = spk.public_key().encoded(),
                                         .last_resort_hash = crypto::sha384(last_resort.encapsulation_key()),
                                         .count = count,
                                         .root = pairs_root(leaves)});
  upload.signature = local.key.sign(upload.m, random);
  for (Batch& older : batches_) {
    if (!older.replaced) older.replaced = now;
  }
  if (batches_.size() >= kMaxHeldBatches) batches_.erase(batches_.begin());
  batches_.push_back(Batch{.hash = bundle_hash(upload.m),
                           .created = created,
                           .replaced = std::nullopt,
                           .signed_prekey = spk.scalar().clone(),
                           .last_resort = last_resort.seed().clone(),
                           .one_time = std::move(privates),
                           .sessions = {}});
  return upload;
}

void PrekeyRing::withdraw(const BundleHash& batch) {
  if (batches_.empty() || batches_.back().hash != batch) return;
  batches_.pop_back();
  if (!batches_.empty()) batches_.back().replaced.reset();
}

const PrekeyRing::Batch* PrekeyRing::find_batch(const BundleHash& hash) const {
  const auto found = std::ranges::find(batches_, hash, &Batch::hash);
  return found == batches_.end() ? nullptr : &*found;
}

SessionResult<PrekeyRing::PrivateHalves> PrekeyRing::find(const BundleHash& bundle,
                                                          std::uint32_t one_time) const {
  const Batch* batch = find_batch(bundle);
  if (batch == nullptr || batch->sessions.size() >= kMaxReplayEntries)
    return err(SessionError::unknown_prekey);
  if (one_time == kNoOneTime) return PrivateHalves{&batch->signed_prekey, &batch->last_resort, nullptr};
  if (one_time >= batch->one_time.size() || !batch->one_time[one_time])
    return err(SessionError::unknown_prekey);
  const OneTimePrivate& pair = *batch->one_time[one_time];
  return PrivateHalves{&batch->signed_prekey, &pair.kem, &pair.ec};
}

void PrekeyRing::consume(const PrekeyUse& use) {
  const auto batch = std::ranges::find(batches_, use.bundle, &Batch::hash);
  if (batch == batches_.end()) return;
  if (use.one_time < batch->one_time.size()) batch->one_time[use.one_time].reset();
  batch->sessions.insert(use.session);
}

bool PrekeyRing::expire(UnixMs now) {
  return std::erase_if(batches_, [&](const Batch& batch) {
           return batch.replaced && elapsed(*batch.replaced, now) >= kPrivateHalvesKept;
         }) > 0;
}

bool PrekeyRing::replayed(const SessionId& session) const {
  return std::ranges::any_of(batches_, [&](const Batch& batch) { return batch.sessions.contains(session); });
}

crypto::SecretBytes PrekeyRing::encode() const {
  RecordWriter out;
  out.u8(kRecordVersion).u32(static_cast<std::uint32_t>(batches_.size()));
  for (const Batch& batch : batches_) {
    out.raw(batch.hash).u64(batch.created.value).flag(batch.replaced.has_value());
    out.u64(batch.replaced.value_or(UnixMs{}).value).secret(batch.signed_prekey).secret(batch.last_resort);
    out.u32(static_cast<std::uint32_t>(batch.one_time.size()));
    for (const auto& pair : batch.one_time) {
      out.flag(pair.has_value());
      if (pair) out.secret(pair->ec).secret(pair->kem);
    }
    out.u32(static_cast<std::uint32_t>(batch.sessions.size()));
    for (const SessionId& session : batch.sessions) out.raw(session.view());
  }
  return out.take();
}

PrekeyRing::Batch PrekeyRing::read_batch(RecordReader& in) {
  Batch batch{.hash = in.array<48>(),
              .created = UnixMs{in.u64()},
              .replaced = std::nullopt,
              .signed_prekey = crypto::P256Scalar::copy_of(ByteArray<32>{}),
              .last_resort = crypto::MlKemSeed<crypto::MlKem1024>::copy_of(ByteArray<64>{}),
              .one_time = {},
              .sessions = {}};
  const bool replaced = in.flag();
  const UnixMs when{in.u64()};
  if (replaced) batch.replaced = when;
  batch.signed_prekey = in.secret<crypto::P256Scalar>();
  batch.last_resort = in.secret<crypto::MlKemSeed<crypto::MlKem1024>>();
  const std::size_t pairs = in.count(kMaxOneTimePairs, 1);
  for (std::size_t i = 0; i < pairs; ++i) {
    if (!in.flag()) {
      batch.one_time.emplace_back();
      continue;
    }
    auto ec = in.secret<crypto::P256Scalar>();
    batch.one_time.emplace_back(
        OneTimePrivate{std::move(ec), in.secret<crypto::MlKemSeed<crypto::MlKem1024>>()});
  }
  const std::size_t sessions = in.count(kMaxReplayEntries, SessionId::kSize);
  for (std::size_t i = 0; i < sessions; ++i) batch.sessions.insert(SessionId(in.array<SessionId::kSize>()));
  return batch;
}

SessionResult<PrekeyRing> PrekeyRing::decode(const crypto::SecretBytes& record) {
  RecordReader in(record);
  PrekeyRing out;
  if (in.u8() != kRecordVersion) return err(SessionError::corrupt_record);
  const std::size_t count = in.count(kMaxHeldBatches, 48);
  for (std::size_t i = 0; i < count && !in.failed(); ++i) out.batches_.push_back(read_batch(in));
  if (!in.finished()) return err(SessionError::corrupt_record);
  return out;
}

}  // namespace sotto::session

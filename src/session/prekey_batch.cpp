#include "session/prekey_batch.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "session/labels.h"

namespace sotto::session {
namespace {

constexpr std::uint16_t kSuite = 0x0001;

/// A path as served; empty unless each step is a hash.
std::optional<crypto::MerklePath> path_of(std::span<const ByteView> steps) {
  crypto::MerklePath path;
  path.reserve(steps.size());
  for (const ByteView step : steps) {
    if (step.size() != crypto::MerkleHash{}.size()) return std::nullopt;
    path.push_back(to_array<32>(step));
  }
  return path;
}

PrekeyResult<void> check_policy(const PrekeyBatch& batch, std::optional<UnixMs> newest_seen, UnixMs now) {
  if (batch.expires <= batch.created || elapsed(batch.created, batch.expires) > kMaxBatchValidity) {
    return err(PrekeyError::bad_lifetime);
  }
  if (batch.created > now + kMaxClockAhead) return err(PrekeyError::from_future);
  if (batch.expires <= now) return err(PrekeyError::expired);
  if (newest_seen && batch.created < *newest_seen) return err(PrekeyError::older_than_seen);
  return {};
}

/// Everything but the one-time pairs.
PrekeyResult<PrekeyBatch> check_batch(ByteView m, ByteView signature, ByteView last_resort_kem,
                                      const PeerDevice& device, std::optional<UnixMs> newest_seen,
                                      UnixMs now) {
  SOTTO_TRY(PrekeyBatch batch, decode_batch(m));
  if (batch.owner != device.identity()) return err(PrekeyError::wrong_device);
  SOTTO_CHECK_OK(check_policy(batch, newest_seen, now));
  if (crypto::sha384(last_resort_kem) != batch.last_resort_hash) return err(PrekeyError::wrong_key);
  if (!device.key.verify(m, signature)) return err(PrekeyError::bad_signature);
  return batch;
}

}  // namespace

std::string_view describe(PrekeyError error) {
  switch (error) {
    case PrekeyError::malformed: return "prekey batch is malformed";
    case PrekeyError::wrong_device: return "prekey batch names another device";
    case PrekeyError::bad_signature: return "prekey batch signature does not verify";
    case PrekeyError::bad_lifetime: return "prekey batch is valid for too long or never";
    case PrekeyError::from_future: return "prekey batch was created in the future";
    case PrekeyError::expired: return "prekey batch has expired";
    case PrekeyError::older_than_seen: return "prekey batch is older than one seen before";
    case PrekeyError::wrong_pairs: return "one-time pairs do not match the batch";
    case PrekeyError::wrong_key: return "prekey does not match the batch or does not decode";
    case PrekeyError::wrong_path: return "one-time pair is not in the batch";
    case PrekeyError::stale_cache: return "prekey batch was verified too long ago";
  }
  return "unknown prekey error";
}

Bytes encode(const PrekeyBatch& batch) {
  Encoder out(384);
  out.label(labels::kPrekeyBatch).u16(kSuite).u8(0);
  append(out, batch.owner);
  out.u64(batch.created.value).u64(batch.expires.value).raw(batch.signed_prekey).raw(batch.last_resort_hash);
  out.u32(batch.count).raw(batch.root);
  return std::move(out).take();
}

PrekeyResult<PrekeyBatch> decode_batch(ByteView m) {
  Decoder in(m);
  in.label(labels::kPrekeyBatch);
  const bool known = in.u16() == kSuite && in.u8() == 0;
  const auto account = AccountId::from(in.var(AccountId::kSize));
  const auto device = DeviceId::from(in.var(DeviceId::kSize));
  const auto account_key = crypto::Fingerprint::from_octets(in.array<32>());
  const auto device_key = crypto::Fingerprint::from_octets(in.array<32>());
  const UnixMs created{in.u64()};
  const UnixMs expires{in.u64()};
  const auto spk = in.array<crypto::kP256PublicKeySize>();
  const auto last_resort = in.array<48>();
  const std::uint32_t count = in.u32();
  const auto root = in.array<32>();
  if (!in.finished() || !known || !account || !device || count > kMaxOneTimePairs) {
    return err(PrekeyError::malformed);
  }
  return PrekeyBatch{.owner = {*account, *device, account_key, device_key},
                     .created = created,
                     .expires = expires,
                     .signed_prekey = spk,
                     .last_resort_hash = last_resort,
                     .count = count,
                     .root = root};
}

BundleHash bundle_hash(ByteView m) {
  Encoder label(16);
  label.label(labels::kBundle);
  return crypto::sha384({label.view(), m});
}

crypto::MerkleHash pair_leaf(std::uint32_t index, OneTimePairView pair) {
  Encoder head(64);
  head.u8(0x00).u32(index);
  const auto kem_hash = crypto::sha384(pair.kem);
  return crypto::sha256({head.view(), pair.ec, kem_hash});
}

crypto::MerkleHash pairs_root(std::span<const crypto::MerkleHash> leaves) {
  return leaves.empty() ? crypto::MerkleHash{} : crypto::merkle_root(leaves);
}

PrekeyResult<PrekeyBatch> check_upload(ByteView m, ByteView signature, ByteView last_resort_kem,
                                       std::span<const OneTimePairView> pairs, const PeerDevice& device,
                                       std::optional<UnixMs> newest_seen, UnixMs now) {
  SOTTO_TRY(PrekeyBatch batch, check_batch(m, signature, last_resort_kem, device, newest_seen, now));
  if (last_resort_kem.size() != crypto::MlKem1024::kEncapsulationKeySize) return err(PrekeyError::wrong_key);
  if (pairs.size() != batch.count) return err(PrekeyError::wrong_pairs);
  std::vector<crypto::MerkleHash> leaves;
  leaves.reserve(pairs.size());
  for (const OneTimePairView& pair : pairs) {
    if (pair.ec.size() != crypto::kP256PublicKeySize ||
        pair.kem.size() != crypto::MlKem1024::kEncapsulationKeySize) {
      return err(PrekeyError::wrong_pairs);
    }
    leaves.push_back(pair_leaf(static_cast<std::uint32_t>(leaves.size()), pair));
  }
  if (pairs_root(leaves) != batch.root) return err(PrekeyError::wrong_pairs);
  return batch;
}

PrekeyResult<VerifiedBatch> verify_batch(ByteView m, ByteView signature, ByteView last_resort_kem,
                                         const PeerDevice& peer, std::optional<UnixMs> newest_seen,
                                         UnixMs now) {
  SOTTO_TRY(PrekeyBatch batch, check_batch(m, signature, last_resort_kem, peer, newest_seen, now));
  auto spk = crypto::P256PublicKey::decode(batch.signed_prekey);
  auto kem = crypto::MlKem1024EncapsulationKey::decode(last_resort_kem);
  if (!spk || !kem) return err(PrekeyError::wrong_key);
  return VerifiedBatch(std::move(batch), bundle_hash(m), *std::move(spk), *std::move(kem), now);
}

PrekeyResult<void> VerifiedBatch::usable(UnixMs now) const {
  if (elapsed(verified_, now) > kBatchCacheLifetime) return err(PrekeyError::stale_cache);
  if (batch_.expires <= now) return err(PrekeyError::expired);
  return {};
}

PrekeyResult<VerifiedBundle> VerifiedBatch::last_resort(UnixMs now) const {
  SOTTO_CHECK_OK(usable(now));
  return VerifiedBundle{batch_.owner, hash_, spk_, last_resort_, std::nullopt};
}

PrekeyResult<VerifiedBundle> VerifiedBatch::with_one_time(const OneTimePart& part, UnixMs now) const {
  SOTTO_CHECK_OK(usable(now));
  if (part.index >= batch_.count) return err(PrekeyError::wrong_pairs);
  const auto leaf = pair_leaf(part.index, {part.ec, part.kem});
  const auto path = path_of(part.path);
  if (!path || crypto::root_of_inclusion(leaf, part.index, batch_.count, *path) != batch_.root) {
    return err(PrekeyError::wrong_path);
  }
  auto ec = crypto::P256PublicKey::decode(part.ec);
  auto kem = crypto::MlKem1024EncapsulationKey::decode(part.kem);
  if (!ec || !kem) return err(PrekeyError::wrong_key);
  return VerifiedBundle{batch_.owner, hash_, spk_, *std::move(kem),
                        VerifiedBundle::OneTime{part.index, *std::move(ec)}};
}

}  // namespace sotto::session

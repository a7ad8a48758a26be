// Prekey batches: format, Merkle tree, signature and policy (docs/specs/session-protocol.md 3). Public halves
// only, so that the directory checks uploads with this library (sotto::prekeys) and never links the ratchets.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "clock/clock.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "crypto/ml_kem.h"
#include "crypto/p256.h"
#include "session/device.h"
#include "session/limits.h"

namespace sotto::session {

enum class PrekeyError : std::uint8_t {
  malformed,      ///< lengths, label, suite or reserved octet of m
  wrong_device,   ///< m names another account, device or key than expected
  bad_signature,  ///< either half
  bad_lifetime,   ///< longer than kMaxBatchValidity, or ends before it begins
  from_future,    ///< created more than kMaxClockAhead ahead
  expired,
  older_than_seen,  ///< a newer batch of this device key was seen before
  wrong_pairs,      ///< count, lengths or Merkle root do not match m
  wrong_key,        ///< last-resort key does not hash to m's value, or a key does not decode
  wrong_path,       ///< the inclusion path does not lead to m's root
  stale_cache,      ///< verified longer than kBatchCacheLifetime ago: fetch again
};
std::string_view describe(PrekeyError error);
template <typename T>
using PrekeyResult = Result<T, PrekeyError>;

/// H(LBL("bundle") || m): names a batch, over the signed octets.
using BundleHash = crypto::Sha384Digest;

/// What m says.
struct PrekeyBatch {
  DeviceIdentity owner;
  UnixMs created;
  UnixMs expires;
  ByteArray<crypto::kP256PublicKeySize> signed_prekey{};  ///< SPK, not yet decoded
  crypto::Sha384Digest last_resort_hash{};                ///< H(KPK_last)
  std::uint32_t count = 0;
  crypto::MerkleHash root{};  ///< pairs_root
};

/// m, the signed octets.
Bytes encode(const PrekeyBatch& batch);
/// Errors: malformed.
PrekeyResult<PrekeyBatch> decode_batch(ByteView m);
BundleHash bundle_hash(ByteView m);

/// Public halves of one pair, as octets: OPK_i (33) and KPK_i (1568).
struct OneTimePairView {
  ByteView ec;
  ByteView kem;
};

/// The leaf of a pair in the batch's Merkle tree (crypto/merkle.h).
crypto::MerkleHash pair_leaf(std::uint32_t index, OneTimePairView pair);
/// That tree's root; 32 zero octets where there are no pairs.
crypto::MerkleHash pairs_root(std::span<const crypto::MerkleHash> leaves);

/// The directory's check of an upload by the authenticated `device`: signature, owner, policy, every pair
/// present with the right lengths and under the root. `newest_seen` is the creation time of the newest batch
/// stored for that device key. Errors: all but wrong_path and stale_cache.
PrekeyResult<PrekeyBatch> check_upload(ByteView m, ByteView signature, ByteView last_resort_kem,
                                       std::span<const OneTimePairView> pairs, const PeerDevice& device,
                                       std::optional<UnixMs> newest_seen, UnixMs now);

/// A one-time pair as served.
struct OneTimePart {
  std::uint32_t index = 0;
  ByteView ec;
  ByteView kem;
  std::vector<ByteView> path;  ///< 32 octets each, leaf upwards
};

/// A bundle that may start one session.
struct VerifiedBundle {
  DeviceIdentity owner;
  BundleHash hash{};
  crypto::P256PublicKey signed_prekey;
  crypto::MlKem1024EncapsulationKey kem;  ///< KPK_i, or KPK_last
  struct OneTime {
    std::uint32_t index;
    crypto::P256PublicKey ec;
  };
  std::optional<OneTime> one_time;  ///< absent: a last-resort start
};

/// A batch whose signature and policy were checked for one peer device. May be cached for
/// kBatchCacheLifetime.
class VerifiedBatch {
 public:
  [[nodiscard]] const PrekeyBatch& batch() const { return batch_; }
  [[nodiscard]] UnixMs created() const { return batch_.created; }

  /// Errors: stale_cache, expired.
  [[nodiscard]] PrekeyResult<VerifiedBundle> last_resort(UnixMs now) const;
  /// The part serves one session: never call twice with the same. Errors: stale_cache, expired, wrong_pairs,
  /// wrong_path, wrong_key.
  [[nodiscard]] PrekeyResult<VerifiedBundle> with_one_time(const OneTimePart& part, UnixMs now) const;

 private:
  friend PrekeyResult<VerifiedBatch> verify_batch(ByteView, ByteView, ByteView, const PeerDevice&,
                                                  std::optional<UnixMs>, UnixMs);
  VerifiedBatch(PrekeyBatch batch, const BundleHash& hash, crypto::P256PublicKey spk,
                crypto::MlKem1024EncapsulationKey last_resort, UnixMs verified)
      : batch_(std::move(batch)),
        hash_(hash),
        spk_(std::move(spk)),
        last_resort_(std::move(last_resort)),
        verified_(verified) {}

  [[nodiscard]] PrekeyResult<void> usable(UnixMs now) const;

  PrekeyBatch batch_;
  BundleHash hash_;
  crypto::P256PublicKey spk_;
  crypto::MlKem1024EncapsulationKey last_resort_;
  UnixMs verified_;
};

/// A sender's check of a served batch. `newest_seen` is the creation time of the newest batch verified for
/// that device key before (VerifiedBatch::created; the caller keeps it). Errors: all but wrong_pairs,
/// wrong_path, stale_cache.
PrekeyResult<VerifiedBatch> verify_batch(ByteView m, ByteView signature, ByteView last_resort_kem,
                                         const PeerDevice& peer, std::optional<UnixMs> newest_seen,
                                         UnixMs now);

}  // namespace sotto::session

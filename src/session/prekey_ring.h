// The private halves of this device's prekey batches, and which session ids they were used for
// (docs/specs/session-protocol.md 3, 4). Pure state; the owner persists encode() in the same transaction as
// whatever changed it.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "crypto/random.h"
#include "crypto/secret.h"
#include "session/device.h"
#include "session/error.h"
#include "session/prekey_batch.h"
#include "session/session_id.h"

namespace sotto::session {

class RecordReader;

/// What an upload to the directory consists of.
struct PrekeyUpload {
  Bytes m;
  crypto::HybridSignature signature{};
  Bytes last_resort_kem;  ///< KPK_last, 1568 octets
  struct Pair {
    Bytes ec;   ///< 33 octets
    Bytes kem;  ///< 1568 octets
  };
  std::vector<Pair> pairs;
};

/// otp index of an INIT that used no one-time pair.
inline constexpr std::uint32_t kNoOneTime = 0xffffffff;

/// The prekeys an accepted INIT used up; hand it to PrekeyRing::consume in the accepting transaction.
struct PrekeyUse {
  BundleHash bundle{};
  std::uint32_t one_time = kNoOneTime;
  SessionId session;
};

class PrekeyRing {
 public:
  /// No prekeys yet: rotation_due() at once.
  PrekeyRing() = default;

  /// True when there is no batch, the newest is kPrekeyRotation old, or its replay memory is nearly full.
  [[nodiscard]] bool rotation_due(UnixMs now) const;
  /// True when the directory has so few pairs left that a new batch should replace the old, which is
  /// kRefillInterval old.
  [[nodiscard]] bool refill_due(std::uint32_t remaining, UnixMs now) const;

  /// Makes, signs and keeps a new batch; what must be uploaded comes back. Older batches stay for
  /// kPrivateHalvesKept. Precondition: count <= kMaxOneTimePairs.
  PrekeyUpload generate(const LocalDevice& local, UnixMs now, crypto::RandomSource& random,
                        std::uint32_t count = kOneTimePairsPerBatch);

  /// The directory refused the newest batch: nobody was served from it, and the one before stays in force.
  /// Nothing for any other batch.
  void withdraw(const BundleHash& batch);
  /// After an INIT was accepted: destroys the one-time pair and remembers the session id.
  void consume(const PrekeyUse& use);
  /// Destroys what was replaced kPrivateHalvesKept ago. True if anything changed.
  bool expire(UnixMs now);

  [[nodiscard]] bool holds(const BundleHash& batch) const { return find_batch(batch) != nullptr; }
  [[nodiscard]] bool replayed(const SessionId& session) const;

  /// The private halves an INIT names. Borrowed until the ring changes. Errors: unknown_prekey (not held,
  /// used, or the batch's replay memory is full).
  struct PrivateHalves {
    const crypto::P256Scalar* signed_prekey;
    const crypto::MlKemSeed<crypto::MlKem1024>* kem;
    const crypto::P256Scalar* one_time_ec;  ///< null for a last-resort start
  };
  [[nodiscard]] SessionResult<PrivateHalves> find(const BundleHash& bundle, std::uint32_t one_time) const;

  /// The whole ring as one record for the encrypted store.
  [[nodiscard]] crypto::SecretBytes encode() const;
  /// Errors: corrupt_record.
  static SessionResult<PrekeyRing> decode(const crypto::SecretBytes& record);

 private:
  struct OneTimePrivate {
    crypto::P256Scalar ec;
    crypto::MlKemSeed<crypto::MlKem1024> kem;
  };
  struct Batch {
    BundleHash hash{};
    UnixMs created;
    std::optional<UnixMs> replaced;
    crypto::P256Scalar signed_prekey;
    crypto::MlKemSeed<crypto::MlKem1024> last_resort;
    std::vector<std::optional<OneTimePrivate>> one_time;
    std::set<SessionId> sessions;
  };
  [[nodiscard]] UnixMs next_creation(UnixMs now) const;
  [[nodiscard]] const Batch* find_batch(const BundleHash& hash) const;
  static Batch read_batch(RecordReader& in);

  std::vector<Batch> batches_;  ///< oldest first
};

}  // namespace sotto::session

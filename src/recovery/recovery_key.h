// What a recovery seed gives (docs/specs/recovery.md 1): the account's recovery key, and the way to the slot
// that it opens. The public half is identity's (identity/recovery_key.h).
#pragma once

#include "crypto/hash.h"
#include "crypto/hybrid_signature.h"
#include "crypto/ml_kem.h"
#include "crypto/p256.h"
#include "identity/ids.h"
#include "identity/recovery_key.h"
#include "recovery/recovery_seed.h"

namespace sotto::recovery {

using SlotId = ByteArray<16>;
/// What the server is shown; it knows its SHA-256 only.
using SlotAccess = crypto::SecretArray<32, struct SlotAccessTag>;
using AccessHash = crypto::Sha256Digest;

/// An account that is named together with its key, so that nobody can put another account in its place.
struct AccountName {
  identity::AccountId account;
  crypto::Fingerprint key;  ///< fp(AIK)

  friend bool operator==(const AccountName&, const AccountName&) = default;
};

/// The private halves. Exists on a device only while somebody has just typed the seed.
struct RecoveryKey {
  crypto::HybridPrivateKey signing;  ///< authors a manifest
  crypto::P256PrivateKey sealing_ec;
  crypto::MlKem1024DecapsulationKey sealing_kem;

  /// Of this account: the same seed gives another key for another one.
  static RecoveryKey derive(const RecoverySeed& seed, const AccountName& name);
  [[nodiscard]] identity::RecoveryPublicKey public_key() const;
};

/// How the server finds and hands out the slot of a seed; the same for all accounts, because who has nothing
/// but the seed does not know the account yet.
struct SlotKey {
  SlotId slot;
  SlotAccess access;

  static SlotKey derive(const RecoverySeed& seed);
  [[nodiscard]] AccessHash access_hash() const;
};

/// What goes onto the wire to the server. Secret until then.
crypto::WipedOctets wire_form(const SlotAccess& access);

}  // namespace sotto::recovery

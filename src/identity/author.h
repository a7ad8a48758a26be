// Making manifests (docs/specs/identity.md 2): a draft is changed, then signed, and only then a manifest.
#pragma once

#include "crypto/random.h"
#include "identity/private_identity.h"
#include "identity/verify.h"

namespace sotto::identity {

/// A device to be listed.
struct NewDevice {
  DeviceId id;
  crypto::HybridPublicKey key;
  Bytes sealed_name;
  std::uint32_t capabilities = 0;
};

/// Version 1 with one device, which is its author; lives kMaxManifestLifetime from `now`.
Manifest draft_first(const AccountIdentity& account, NewDevice device, UnixMs now);

/// The next version with the same devices; `author` must be one of them when it is signed. Issued now, or
/// when `previous` was if that is later.
Manifest draft_successor(const VerifiedManifest& previous, const DeviceId& author, UnixMs now);

/// Errors: too_many_devices, invalid_device_id, duplicate_device_id, duplicate_device_key, malformed (name
/// too long).
IdentityResult<void> add_device(Manifest& draft, NewDevice device);
/// Errors: invalid_device_id (no such device), no_devices (it is the last one).
IdentityResult<void> remove_device(Manifest& draft, const DeviceId& device);

/// Signs as the account and as the author.
/// Precondition: `account` has the draft's AIK and `author` is its author.
SignedManifest sign_manifest(const Manifest& draft, const AccountIdentity& account,
                             const DeviceIdentity& author, crypto::RandomSource& random);

/// The same with the recovery key as author, when no device is left.
/// Precondition: `account` has the draft's AIK, its author is zeros, and `key` is the public half of
/// `signing`.
SignedManifest sign_recovery_manifest(const Manifest& draft, const AccountIdentity& account,
                                      const crypto::HybridPrivateKey& signing, const RecoveryPublicKey& key,
                                      crypto::RandomSource& random);

}  // namespace sotto::identity

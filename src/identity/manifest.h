// The device manifest: the only statement of which devices an account has (docs/specs/identity.md 2). This
// file is its shape and its octets; whether to believe one is verify.h's concern.
#pragma once

#include <optional>
#include <vector>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "crypto/hash.h"
#include "crypto/hybrid_signature.h"
#include "identity/error.h"
#include "identity/ids.h"
#include "identity/limits.h"
#include "identity/recovery_key.h"

namespace sotto::identity {

/// H(m), SHA-384 of a manifest's exact octets.
using ManifestHash = crypto::Sha384Digest;

struct ManifestDevice {
  DeviceId id;
  crypto::HybridPublicKey key;  ///< the DIK
  Bytes sealed_name;            ///< sealed under the account's sync key; at most kMaxSealedName octets
  std::uint32_t capabilities = 0;
  UnixMs added;
};

/// What a manifest says. Not yet believed: only a VerifiedManifest may decide anything.
struct Manifest {
  AccountId account;
  crypto::HybridPublicKey account_key;  ///< the AIK
  std::uint64_t version = 1;
  UnixMs issued;
  UnixMs expires;
  ManifestHash previous{};         ///< zeros for version 1
  DeviceId author;                 ///< zeros: the recovery key
  RecoveryFingerprint recovery{};  ///< zeros: none
  std::vector<ManifestDevice> devices;

  /// Null if there is no such device. The pointer lives as long as `devices` is unchanged.
  [[nodiscard]] const ManifestDevice* find(const DeviceId& device) const;
  [[nodiscard]] bool recovery_authored() const { return author == DeviceId{}; }
};

/// m: the canonical octets that are hashed and signed. Precondition: the bounds of limits.h hold.
Bytes encode(const Manifest& manifest);

/// Accepts exactly what encode can produce from a manifest that is consistent in itself. Errors: malformed,
/// too_many_devices, no_devices, invalid_device_id, duplicate_device_id, duplicate_device_key,
/// invalid_lifetime.
IdentityResult<Manifest> parse_manifest(ByteView m);

/// Exact octets and the signatures over them: what is stored, sent and exported as evidence.
struct SignedManifest {
  Bytes m;
  crypto::HybridSignature account_signature;
  crypto::HybridSignature author_signature;
  std::optional<Bytes>
      recovery_key;  ///< RecoveryPublicKey octets; exactly when the recovery key is the author

  friend bool operator==(const SignedManifest&, const SignedManifest&) = default;
};

/// The largest m, and the largest result of encode(SignedManifest).
inline constexpr std::size_t kMaxManifestSize =
    8 + 16 + crypto::kHybridPublicKeySize + 3 * 8 + 48 + 16 + 32 + 4 +
    kMaxDevices * (16 + crypto::kHybridPublicKeySize + 4 + kMaxSealedName + 4 + 8);
inline constexpr std::size_t kMaxSignedManifestSize =
    4 + kMaxManifestSize + 2 * crypto::kHybridSignatureSize + 4 + RecoveryPublicKey::kSize;

/// V(m) || account signature || author signature || V(recovery key, or nothing).
Bytes encode(const SignedManifest& signed_manifest);
/// Checks lengths only, not m itself. Errors: malformed.
IdentityResult<SignedManifest> parse_signed_manifest(ByteView octets);

/// What peers tell each other about a manifest: {version, H(m)[0:16]}.
struct ManifestRef {
  std::uint64_t version = 0;
  ByteArray<16> hash{};

  friend bool operator==(const ManifestRef&, const ManifestRef&) = default;
};

/// How another's reference relates to mine.
enum class ManifestRelation : std::uint8_t {
  same,
  older,  ///< theirs is an earlier version
  newer,  ///< theirs is a later version: fetch it
  fork,   ///< equal version, unequal hash: somebody was shown another manifest
};
ManifestRelation relate(const ManifestRef& mine, const ManifestRef& theirs);

}  // namespace sotto::identity

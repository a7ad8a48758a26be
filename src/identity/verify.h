// Believing manifests (docs/specs/identity.md 3). The rules that need only the two versions are apart from
// those that need the time: an owner whose manifest expired must still be able to follow it with a new one,
// and older links of a chain have always expired.
#pragma once

#include <span>
#include <vector>

#include "identity/manifest.h"

namespace sotto::identity {

/// A manifest that verification accepted, with its exact octets and signatures. Immutable; copies are deep.
class VerifiedManifest {
 public:
  [[nodiscard]] const Manifest& manifest() const { return manifest_; }
  [[nodiscard]] const SignedManifest& signed_manifest() const { return signed_; }
  [[nodiscard]] const ManifestHash& hash() const { return hash_; }
  [[nodiscard]] ManifestRef ref() const;

  [[nodiscard]] const AccountId& account() const { return manifest_.account; }
  [[nodiscard]] std::uint64_t version() const { return manifest_.version; }
  [[nodiscard]] const ManifestDevice* find(const DeviceId& device) const { return manifest_.find(device); }

  /// The stored form: encode(signed_manifest()).
  [[nodiscard]] Bytes store_form() const { return encode(signed_); }
  /// Reads store_form() back WITHOUT verifying signatures. Only for octets from one's own authenticated
  /// store, where they were put by store_form(). Errors: those of parse_manifest.
  static IdentityResult<VerifiedManifest> from_own_store(ByteView octets);

 private:
  friend IdentityResult<VerifiedManifest> verify_first(SignedManifest first);
  friend IdentityResult<VerifiedManifest> verify_successor(const VerifiedManifest& previous,
                                                           SignedManifest next);
  VerifiedManifest(Manifest manifest, SignedManifest signed_manifest);

  Manifest manifest_;
  SignedManifest signed_;
  ManifestHash hash_;
};

/// Version 1, authored by one of its own devices. The caller compares account() and account_key with what it
/// expects or has pinned. Errors: those of parse_manifest, wrong_version, broken_chain (prev_hash not zeros),
/// invalid_added_time, bad_account_signature, unknown_author, bad_author_signature.
IdentityResult<VerifiedManifest> verify_first(SignedManifest first);

/// The next version of the same account, authored by a device of `previous` or by its recovery key. Errors:
/// those of parse_manifest, wrong_account, account_key_changed, wrong_version, broken_chain, time_went_back,
/// device_key_changed, invalid_added_time, bad_account_signature, unknown_author, bad_author_signature.
IdentityResult<VerifiedManifest> verify_successor(const VerifiedManifest& previous, SignedManifest next);

/// Checks both signatures of a manifest whose predecessor is not at hand, with the author taken from the
/// manifest itself. Proves less than the two above, so it makes no VerifiedManifest: only for linking.
/// Errors: those of parse_manifest, bad_account_signature, unknown_author, bad_author_signature.
IdentityResult<Manifest> check_unanchored(const SignedManifest& signed_manifest);

enum class Freshness : std::uint8_t {
  fresh,
  grace,  ///< expired less than kManifestGrace ago: usable, with a warning
};

/// May this manifest be relied on now? Errors: expired, from_future.
IdentityResult<Freshness> freshness(const Manifest& manifest, UnixMs now);

struct VerifiedChain {
  std::vector<VerifiedManifest> links;  ///< never empty; the last one is the newest
  Freshness freshness;                  ///< of the last one
};

/// Verifies links one by one, the first as successor of `anchor`, or as version 1 if that is null, and the
/// freshness of the last. Errors: empty_chain and all of the above.
IdentityResult<VerifiedChain> verify_chain(const VerifiedManifest* anchor, std::vector<SignedManifest> links,
                                           UnixMs now);

/// True when the two prove that one account signed two manifests of one version.
bool is_fork(const VerifiedManifest& a, const VerifiedManifest& b);

/// What a user is shown when a manifest changes.
struct ManifestDiff {
  std::vector<DeviceId> added;
  std::vector<DeviceId> removed;
  std::vector<DeviceId> changed;  ///< name or capabilities
  bool recovery_changed = false;
};
ManifestDiff diff(const Manifest& before, const Manifest& after);

}  // namespace sotto::identity

// What a trusted device hands to a new one, and the checks on both sides (docs/specs/identity.md 5). Linking
// by file seals it to a request's keys, linking by code under the keys of the confirmed run; both bind it to
// a header that names account, devices and run.
#pragma once

#include <string>

#include "crypto/random.h"
#include "identity/private_identity.h"
#include "identity/verify.h"

namespace sotto::identity {

/// What the new device receives.
struct LinkGrant {
  AccountIdentity account;
  SyncKey sync_key;
  std::string handle;  ///< normalised, empty if the account has none
  SignedManifest
      manifest;  ///< lists the new device; its signatures hold, its author was not checked against the
                 ///< version before: verify_chain does that as soon as the directory is reachable
};

/// What the trusted device gives, and as whom. Refers to objects that live as long as the call.
struct GrantSource {
  const AccountIdentity& account;
  const DeviceIdentity& author;
  const SyncKey& sync_key;
  std::string_view handle;         ///< normalised, or empty
  const SignedManifest& manifest;  ///< authored by `author`, lists the new device
};

/// The longest payload.
inline constexpr std::size_t kMaxGrantPayload =
    64 + 32 + 4 + kMaxHandle + 4 + kMaxSignedManifestSize + crypto::kHybridSignatureSize;

/// AIK seed64 || sync key32 || V(handle) || V(manifest) || signature of the author over header and all
/// before. Errors: malformed (handle or manifest), wrong_account, grant_inconsistent (the manifest does not
/// list the new device with its key, or `author` is not its author).
IdentityResult<crypto::WipedOctets> make_grant_payload(ByteView header, const GrantSource& source,
                                                       const DeviceId& device,
                                                       const crypto::Fingerprint& device_key,
                                                       crypto::RandomSource& random);

/// What the new device knows from the header before it reads.
struct GrantParties {
  AccountId account;
  crypto::Fingerprint account_key;
  crypto::Fingerprint author_key;
};

/// Checks that everything in the payload fits together and was signed by the author. Errors: malformed,
/// grant_inconsistent, bad_account_signature, bad_author_signature, bad_device_signature (the payload's).
IdentityResult<LinkGrant> read_grant_payload(ByteView header, const GrantParties& parties, ByteView payload,
                                             const DeviceIdentity& device);

}  // namespace sotto::identity

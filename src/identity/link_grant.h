// Linking a device with two files (docs/specs/identity.md 5): the new device writes a request, a trusted
// device answers with a grant that only the new device can open. Linking by code is another protocol
// (src/linking).
#pragma once

#include <string>

#include "crypto/ml_kem.h"
#include "crypto/p256.h"
#include "crypto/random.h"
#include "identity/author.h"
#include "identity/grant_payload.h"
#include "identity/handle.h"
#include "identity/private_identity.h"

namespace sotto::identity {

/// What the new device asks for; everything in it is public.
struct LinkRequest {
  DeviceId device;
  crypto::HybridPublicKey device_key;
  crypto::P256PublicKey sealing_ec;
  crypto::MlKem1024EncapsulationKey sealing_kem;
  std::string name;  ///< clean (device_name.h), but a stranger's word
  UnixMs created;
};

struct OutgoingLinkRequest {
  Bytes octets;  ///< the signed request
  LinkRequestKeys keys;
};

/// The name is cleaned (device_name.h).
OutgoingLinkRequest make_link_request(const DeviceIdentity& device, std::string_view name, UnixMs now,
                                      crypto::RandomSource& random);

/// Checks the encoding and the DIK's proof of possession. Errors: malformed, invalid_device_id,
/// bad_device_signature.
IdentityResult<LinkRequest> parse_link_request(ByteView octets);

/// 100 bits of the request's hash as five groups of four base32 characters, shown on both devices: only equal
/// fingerprints prove that the file was not exchanged on the way.
std::string link_request_fingerprint(ByteView request);

/// Seals a grant for the maker of `request`. Errors: malformed (request, handle, or manifest), wrong_account,
/// grant_inconsistent (the manifest does not list the requesting device with its key, or `author` is not its
/// author), bad_device_signature.
IdentityResult<Bytes> make_link_grant(ByteView request, const AccountIdentity& account,
                                      const DeviceIdentity& author, const SyncKey& sync_key,
                                      std::string_view handle, const SignedManifest& manifest,
                                      crypto::RandomSource& random);

/// Errors: malformed, wrong_request, cannot_open, grant_inconsistent, bad_account_signature,
/// bad_author_signature, bad_device_signature (the grant's).
IdentityResult<LinkGrant> open_link_grant(ByteView grant, ByteView request, const DeviceIdentity& device,
                                          const LinkRequestKeys& keys);

}  // namespace sotto::identity

// Asking contacts for their shares with two files (docs/specs/recovery.md 4): the new device's request, and
// the release that a contact answers with. Waiting and vetoes are the client's concern.
#pragma once

#include <string>
#include <string_view>

#include "clock/clock.h"
#include "crypto/hash.h"
#include "identity/private_identity.h"
#include "recovery/share.h"

namespace sotto::recovery {

/// Kinds of text blocks (identity/armor.h).
inline constexpr std::string_view kRequestArmor = "SOTTO RECOVERY REQUEST";
inline constexpr std::string_view kReleaseArmor = "SOTTO RECOVERY SHARE";

/// The private halves, which live on the new device until the shares are together.
using RequestKeys = identity::LinkRequestKeys;

struct Request {
  std::string handle;  ///< normalised; what its maker says, no more
  crypto::P256PublicKey sealing_ec;
  crypto::MlKem1024EncapsulationKey sealing_kem;
  UnixMs created;
};

/// Errors: malformed (handle not normalised).
RecoveryResult<Bytes> make_request(const RequestKeys& keys, std::string_view handle, UnixMs now);
/// Errors: malformed.
RecoveryResult<Request> parse_request(ByteView octets);
/// 100 bits as five groups of four characters, which owner and contact compare.
std::string request_fingerprint(ByteView request);
/// By which requests and vetoes are told apart.
inline crypto::Sha256Digest request_hash(ByteView request) { return crypto::sha256(request); }

/// Seals a share to the maker of the request. Errors: malformed (request).
RecoveryResult<Bytes> make_release(ByteView request, const Share& share, crypto::RandomSource& random);
/// Errors: malformed, wrong_request, cannot_open, bad_terms, wrong_share.
RecoveryResult<Share> open_release(ByteView release, ByteView request, const RequestKeys& keys);

}  // namespace sotto::recovery

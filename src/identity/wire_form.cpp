#include "identity/wire_form.h"

#include "sotto/v1/session.pb.h"
#include "sotto/v1/stream.pb.h"
#include "wire/decode.h"

namespace sotto::identity {

void to_wire(const SignedManifest& from, v1::SignedManifest& to) {
  to.set_manifest(wire::field(from.m));
  to.set_account_signature(wire::field(from.account_signature));
  to.set_author_signature(wire::field(from.author_signature));
  to.set_recovery_key(from.recovery_key ? wire::field(*from.recovery_key) : std::string());
}

IdentityResult<SignedManifest> from_wire(const v1::SignedManifest& from) {
  const bool lengths_fit = from.manifest().size() <= kMaxManifestSize &&
                           from.account_signature().size() == crypto::kHybridSignatureSize &&
                           from.author_signature().size() == crypto::kHybridSignatureSize &&
                           from.recovery_key().size() <= RecoveryPublicKey::kSize;
  if (!lengths_fit) return err(IdentityError::malformed);
  SignedManifest out;
  out.m = to_bytes(wire::octets(from.manifest()));
  out.account_signature = to_array<crypto::kHybridSignatureSize>(wire::octets(from.account_signature()));
  out.author_signature = to_array<crypto::kHybridSignatureSize>(wire::octets(from.author_signature()));
  if (!from.recovery_key().empty()) out.recovery_key = to_bytes(wire::octets(from.recovery_key()));
  return out;
}

void to_wire(const ManifestRef& from, v1::ManifestRef& to) {
  to.set_version(from.version);
  to.set_hash16(wire::field(from.hash));
}

IdentityResult<ManifestRef> from_wire(const v1::ManifestRef& from) {
  if (from.hash16().size() != 16 || from.version() == 0) return err(IdentityError::malformed);
  return ManifestRef{.version = from.version(), .hash = to_array<16>(wire::octets(from.hash16()))};
}

}  // namespace sotto::identity

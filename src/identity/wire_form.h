// Between this module's types and the protobuf messages that carry them. Copies octets; verifies nothing.
#pragma once

#include "identity/manifest.h"

namespace sotto::v1 {
class SignedManifest;
class ManifestRef;
}  // namespace sotto::v1

namespace sotto::identity {

void to_wire(const SignedManifest& from, v1::SignedManifest& to);
/// Checks lengths only. Errors: malformed.
IdentityResult<SignedManifest> from_wire(const v1::SignedManifest& from);

void to_wire(const ManifestRef& from, v1::ManifestRef& to);
/// Errors: malformed.
IdentityResult<ManifestRef> from_wire(const v1::ManifestRef& from);

}  // namespace sotto::identity

// Policies with their guardian's signature, and what is left of one once it verified (docs/specs/families.md
// 3).
#pragma once

#include "crypto/random.h"
#include "families/policy.h"
#include "identity/verify.h"

namespace sotto::families {

/// V(p) || hybrid signature of the guardian's device over p. Precondition: `device` is the key that the
/// policy names, and parse_policy would take it.
Bytes sign(const Policy& policy, const crypto::HybridPrivateKey& device, crypto::RandomSource& random);

/// Reads a policy WITHOUT its signature. Only for octets from one's own authenticated store, where they were
/// put after they had been verified. Errors: malformed.
PolicyResult<Policy> from_own_store(ByteView signed_policy);

/// What a child's device asks of a policy.
struct Expectation {
  Person child;
  Person guardian;            ///< whom the child's device accepted
  std::uint64_t version = 0;  ///< of the one in force; 0: none is
};
/// `manifest`: the newest of the guardian's account that is known. Errors: malformed, wrong_child,
/// wrong_guardian, wrong_device, bad_signature, not_newer.
PolicyResult<Policy> verify(ByteView signed_policy, const Expectation& expected,
                            const identity::VerifiedManifest& manifest);

}  // namespace sotto::families

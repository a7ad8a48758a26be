// The newest manifest of an account that this device does not belong to yet, verified: what a new device must
// have before it proves a code to anybody (docs/specs/linking.md 3).
#pragma once

#include <optional>

#include "clock/clock.h"
#include "identity/verify.h"
#include "sotto/v1/stream.pb.h"

namespace sotto::client {

/// How far a chain was followed.
struct AccountChain {
  std::optional<identity::VerifiedManifest>
      newest;             ///< of what was shown so far; verified, not to be relied on
  bool complete = false;  ///< `newest` is the account's newest manifest, and fresh
};

/// THE decision what the account's verified newest manifest is: follows one more page of the chain from
/// version 1, `before` being what the pages before it gave. The server's word that there is nothing newer is
/// believed; a log makes that provable. Errors: those of identity::verify_chain, wrong_account.
identity::IdentityResult<AccountChain> verified_newest_manifest(
    const identity::AccountId& account, const std::optional<identity::VerifiedManifest>& before,
    const v1::Manifests& page, UnixMs now);

}  // namespace sotto::client

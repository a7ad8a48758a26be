// The newest manifest of an account that this device does not belong to yet, verified: what a new device must
// have before it proves a code to anybody (docs/specs/linking.md 3, 8).
#pragma once

#include <optional>
#include <string_view>

#include "client/core/work.h"
#include "identity/verify.h"

namespace sotto::client {

/// One more page of the chain from version 1, `before` being the newest link of the pages before it. Nothing
/// is relied on yet. Errors: those of identity::verify_chain but for freshness, wrong_account.
identity::IdentityResult<identity::VerifiedManifest> follow_chain(
    const identity::AccountId& account, const std::optional<identity::VerifiedManifest>& before,
    const v1::Manifests& page);

enum class NewestManifest : std::uint8_t {
  proven,    ///< it is what the log says now, and fresh
  behind,    ///< the log has a newer version: the chain goes on
  unproven,  ///< the log's answer does not hold, or says something else
  expired,   ///< too old to be relied on, or from the future
};
std::string_view describe(NewestManifest verdict);

/// THE decision whether the newest link of a chain is the account's verified newest manifest: by the server's
/// transparency log. Pins what was proven; tells of a fork.
NewestManifest verified_newest_manifest(Work& work, const identity::VerifiedManifest& newest,
                                        const v1::LookupAnswer& answer);

}  // namespace sotto::client

// Manifests by version: an operation is believed under the one that it names, which need not be the newest
// (docs/specs/groups.md 3).
#pragma once

#include "client/core/work.h"
#include "identity/verify.h"

namespace sotto::client {

/// Empty: it has to be fetched.
std::optional<identity::VerifiedManifest> author_manifest(store::Database& database,
                                                          const identity::AccountId& account,
                                                          std::uint64_t version);
/// Asks for those that operations wait for.
void fetch_author_manifests(Work& work);
void on_author_manifests(Work& work, const Request& request, const v1::Manifests& answer);
void on_author_manifests_refused(Work& work, const Request& request, const v1::Error& error);

}  // namespace sotto::client

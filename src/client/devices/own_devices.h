// This account's own manifest: publishing changes, renewing it, and what follows from a new one.
#pragma once

#include <optional>
#include <string_view>

#include "client/core/work.h"
#include "identity/verify.h"

namespace sotto::client {

/// Signs `draft` and keeps it until the server has published it.
void publish(Work& work, const identity::Manifest& draft);
/// A signed manifest that waits for the server, if any.
std::optional<identity::SignedManifest> pending_manifest(store::Database& database);

/// Sends what waits, and renews a manifest before contacts stop believing it.
void keep_manifest(Work& work);
void on_manifest_published(Work& work, const Request& request);
void on_publish_refused(Work& work, const Request& request, const v1::Error& error);

/// A verified own manifest became the newest one known here.
void on_own_manifest(Work& work, const std::optional<identity::VerifiedManifest>& before,
                     const identity::VerifiedManifest& newest);

/// Tells own other devices (or one of them) by which handle the user knows an account.
void share_contact_name(Work& work, const identity::AccountId& account, std::string_view handle,
                        std::optional<identity::DeviceId> only = std::nullopt);

}  // namespace sotto::client

// This account's own manifest: publishing changes, renewing it, and what follows from a new one.
#pragma once

#include <optional>
#include <string_view>

#include "client/core/work.h"
#include "identity/verify.h"

namespace sotto::client {

/// Whether a list gets a new sync key, with all names sealed under it.
enum class Rotation : std::uint8_t {
  if_needed,  ///< it removes a device, or the present key is not known here
  always,
};

/// Signs `draft` and keeps it until the server has published it. If another device publishes first, what it
/// changes is changed on top of that.
void publish(Work& work, const identity::Manifest& draft, Rotation rotation = Rotation::if_needed);
/// A signed manifest that waits for the server, if any.
std::optional<identity::SignedManifest> pending_manifest(store::Database& database);

/// Sends what waits, and renews a manifest before contacts stop believing it.
void keep_manifest(Work& work);
void on_manifest_published(Work& work, const Request& request);
void on_publish_refused(Work& work, const Request& request, const v1::Error& error);

/// One of the verified own manifests on the way to the newest one.
void pass_own_manifest(Work& work, const identity::VerifiedManifest& link);
/// A verified successor of the newest own manifest: saves it, and does what follows.
void take_own_manifest(Work& work, const identity::VerifiedManifest& before,
                       const identity::VerifiedManifest& newest);
/// The server has shown the newest own manifest, which is saved. What differs from the one before is
/// aftermath.h's concern.
void on_own_manifest(Work& work, const identity::VerifiedManifest& newest);
/// This device published a list without itself, and cannot hear the answer any more.
[[nodiscard]] bool is_leaving(Work& work);
/// It has left.
void leave(Work& work);

/// Tells a new own device everything of that kind.
void share_all_names(Work& work, const identity::DeviceId& device);

/// Tells own other devices (or one of them) by which handle the user knows an account.
void share_contact_name(Work& work, const identity::AccountId& account, std::string_view handle,
                        std::optional<identity::DeviceId> only = std::nullopt);

}  // namespace sotto::client

// The account's sync key and the device names sealed under it. It changes whenever a device leaves the
// account (docs/specs/identity.md 5): the list of devices without it has all names under the new key, and
// whoever published it tells the key to the others. A key counts once it opens names of the newest list, so a
// key that belongs to no list is worth nothing.
#pragma once

#include <string>

#include "client/core/work.h"
#include "identity/verify.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// A device's name: opened with the key held here, else as it was last known.
std::string own_device_name(store::Database& database, const Self& self,
                            const identity::ManifestDevice& device);

/// The names of this list are sealed under a key that this device does not have: it is on its way.
bool key_is_behind(const Self& self, const identity::VerifiedManifest& own);

/// Whether any name of the list is sealed under `key`.
bool opens_names(const identity::VerifiedManifest& own, const identity::SyncKey& key);

/// Puts every name of the draft under `key`.
void seal_names(Work& work, identity::Manifest& draft, const identity::SyncKey& key);

/// `own` is the newest list: takes an offered key that belongs to it, and remembers the names.
void note_own_names(Work& work, const identity::VerifiedManifest& own);

/// The key that came with a list published here counts from now on, and the other devices are told.
void use_published_key(Work& work, identity::SyncKey key, std::uint64_t version);
/// Tells the key to own devices, or to one; nothing while it is the account's first.
void share_sync_key(Work& work, std::optional<identity::DeviceId> only = std::nullopt);
/// An own device told a key.
void take_sync_key(Work& work, const v1::SyncEvent::NewSyncKey& offered);

}  // namespace sotto::client

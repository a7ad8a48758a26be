// What follows when a verified list of devices differs from the one before: sessions with who left end,
// people are told, and after a departure from the own account all other sessions renew their keys
// (docs/specs/identity.md 3.1). Not concerned with making or publishing lists (own_devices.h).
#pragma once

#include "client/core/work.h"
#include "identity/verify.h"

namespace sotto::client {

/// Of the own account or a contact's; `newest` is saved already. Nothing when both list the same devices.
void on_devices_changed(Work& work, const identity::VerifiedManifest& before,
                        const identity::VerifiedManifest& newest);

/// The device left its account not long ago: what it still says is not heard, and nobody is asked about it.
[[nodiscard]] bool has_departed(store::Database& database, const identity::DeviceAddress& device);
/// Once a day: forgets departures so old that no envelope of before can come any more.
void forget_old_departures(Work& work);

/// Every session with every device renews its post-quantum keys, with a message of its own where nothing else
/// is to be said.
void renew_all_keys(Work& work);

}  // namespace sotto::client

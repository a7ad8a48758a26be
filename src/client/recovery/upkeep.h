// Keeping what the server and the manifest say about recovery equal to the setup, from any device.
#pragma once

#include "client/core/work.h"

namespace sotto::client {

/// What is sealed in the slots changed: a new sync key, a device that left. Every slot is sealed anew with
/// the next connection.
void renew_recovery_slots(Work& work);

/// Names the key in a manifest, stores slots, and erases shares that have reached the server.
void keep_recovery(Work& work);
void on_slots_stored(Work& work, const Request& request);
void on_store_refused(Work& work, const Request& request, const v1::Error& error);

/// What is set up here is what the newest manifest says and what the server has.
bool recovery_is_kept(store::Database& database, const identity::AccountId& own);
/// The newest manifest names the recovery key that is set up here.
bool recovery_key_is_named(store::Database& database, const identity::AccountId& own);

}  // namespace sotto::client

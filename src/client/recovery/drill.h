// Typing the key to see that it opens the account, long before it has to (docs/specs/recovery.md 6).
#pragma once

#include "client/core/work.h"
#include "client/recovery/error.h"
#include "recovery/recovery_key.h"

namespace sotto::client {

/// The key is the one that the newest manifest names. Errors: not_registered, no_key, wrong_key.
RecoveryOutcome<recovery::RecoveryKey> check_recovery_key(Work& work, const recovery::RecoverySeed& seed);

/// Asks the server for the key's slot. A RecoveryProgress event follows: SLOT_OPENED, or FAILED with a
/// Problem RECOVERY_REFUSED. Errors: not_registered, no_key, wrong_key, not_connected.
RecoveryOutcome<void> drill_recovery_key(Work& work, const recovery::RecoverySeed& seed);
void on_drill_slot(Work& work, const Request& request, const v1::RecoverySlot& slot);
void on_drill_refused(Work& work, const Request& request, const v1::Error& error);

/// Adds a RecoveryProgress event.
void announce_recovery(Work& work, v1::RecoveryProgress::Stage stage, std::string_view detail);

}  // namespace sotto::client

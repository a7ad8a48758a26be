// Which ways back into this account exist (docs/specs/recovery.md): one record that all its devices have, so
// that each of them can renew the slots. Not concerned with changing it (commands.h) or with the server
// (upkeep.h).
#pragma once

#include <optional>

#include "client/core/work.h"
#include "identity/recovery_key.h"
#include "recovery/slot.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

struct RecoverySetup {
  UnixMs changed;                                  ///< the latest counts
  std::optional<identity::RecoveryPublicKey> key;  ///< absent: no recovery at all
  recovery::SlotId slot{};
  recovery::AccessHash access_hash{};
  std::optional<recovery::ContactsRecord> contacts;
  UnixMs drilled;  ///< when the key was last typed; zero: never
};

/// Empty when none was ever set up. Stored octets that do not decode are database_corrupt.
std::optional<RecoverySetup> load_recovery_setup(store::Database& database);

/// Stores it; the server's slots are older from then on. What is known of contacts that stay in the same set
/// stays.
void save_recovery_setup(Work& work, const RecoverySetup& setup);
/// Stores it and tells the other devices.
void change_recovery_setup(Work& work, RecoverySetup setup);
/// The key was typed and opened its slot.
void note_recovery_drill(Work& work);

/// From another own device: the latest counts.
void take_recovery_setup(Work& work, const v1::SyncEvent::RecoverySetup& offered);
/// Tells own devices, or one of them.
void share_recovery_setup(Work& work, std::optional<identity::DeviceId> only = std::nullopt);

}  // namespace sotto::client

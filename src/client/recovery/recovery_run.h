// The steps of a recovery after its slot was opened: the account's chain, a list by the recovery key, the
// account's new device. And the row in which all of it is kept meanwhile.
#pragma once

#include <optional>
#include <string>

#include "client/core/work.h"
#include "client/recovery/drill.h"
#include "recovery/request.h"

namespace sotto::client {

struct RecoveryRun {
  std::string handle;
  bool keep_devices = false;
  std::optional<recovery::RecoverySeed> seed;
  std::optional<recovery::RecoverySeed> opener;  ///< of the contacts' slot
  std::optional<recovery::AccountName> owner;    ///< as the shares name it, with `opener`
  recovery::SetId set{};
};
std::optional<RecoveryRun> load_recovery_run(store::Database& database);
/// Forgets an earlier one.
void start_recovery_run(store::Database& database, std::string_view handle, bool keep_devices);

struct StoredRecoveryRequest {
  std::string handle;
  Bytes octets;
  recovery::RequestKeys keys;
};
std::optional<StoredRecoveryRequest> load_recovery_request(store::Database& database);

/// The next page of the account's manifests. Precondition: the attempt's slot is open.
void ask_recovery_chain(Work& work);
/// Nothing more comes of it until a person does something: a Problem RECOVERY_REFUSED, and the connection
/// ends.
void give_up(Work& work, std::string_view detail);

}  // namespace sotto::client

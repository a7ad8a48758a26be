// Coming back into an account on a new device (docs/specs/recovery.md 4, 5). Everything that must not be lost
// is in the store until the account is this device's; each connection then tries from the beginning.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "client/core/work.h"
#include "client/recovery/error.h"
#include "recovery/recovery_seed.h"
#include "sotto/v1/stream.pb.h"

namespace sotto::client {

struct RecoveryWish {
  std::string_view handle;    ///< of the account, as typed
  bool keep_devices = false;  ///< the former devices stay listed
};

/// With the key; begins with the next connection. Errors: already_linked, bad_handle.
RecoveryOutcome<void> recover_with_key(Work& work, const RecoveryWish& wish,
                                       const recovery::RecoverySeed& seed);
/// The armoured request for contacts; the same again for the same handle. Errors: already_linked, bad_handle.
RecoveryOutcome<std::string> make_recovery_request(Work& work, std::string_view handle);
/// With what contacts gave. Errors: already_linked, bad_handle, no_request, bad_share, bad_terms,
/// too_few_shares, mixed_shares, wrong_share.
RecoveryOutcome<void> recover_with_shares(Work& work, const RecoveryWish& wish,
                                          std::span<const std::string> armored);

/// This device is on its way back into an account.
bool is_recovering(store::Database& database);
/// The server has been greeted. False: there is nothing to recover.
bool begin_recovery(Work& work);
void on_recovery_slot(Work& work, const Request& request, const v1::RecoverySlot& slot);
void on_recovery_chain(Work& work, const Request& request, const v1::Manifests& answer);
void on_recovery_log(Work& work, const Request& request, const v1::LookupAnswer& answer);
void on_recovery_published(Work& work, const Request& request);
void on_recovery_refused(Work& work, const Request& request, const v1::Error& error);

}  // namespace sotto::client

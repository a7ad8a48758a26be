// Service Recovery.
#pragma once

#include "client/api/client.h"
#include "client/api/wait.h"
#include "recovery/recovery_seed.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {

CommandResult<v1::RecoveryStatus> recovery_status(Client& client, const v1::Nothing& request);
/// A new key's text, made for this answer and kept nowhere.
CommandResult<v1::RecoveryKey> make_recovery_key(Client& client, const v1::Nothing& request);
/// The key becomes the account's; once the server has its slot.
CommandResult<Wait<v1::RecoveryStatus>> confirm_recovery_key(Client& client, const v1::RecoveryKey& request);
CommandResult<Wait<v1::RecoveryStatus>> drill_recovery_key(Client& client, const v1::RecoveryKey& request);
CommandResult<Wait<v1::RecoveryStatus>> remove_recovery(Client& client, const v1::Nothing& request);
CommandResult<Wait<v1::RecoveryStatus>> set_recovery_contacts(Client& client,
                                                              const v1::RecoveryContactsRequest& request);
/// As many as answered in time are counted.
CommandResult<v1::RecoveryStatus> drill_recovery_contacts(Client& client, const v1::Nothing& request);
/// On a new device, until the account is its own.
CommandResult<Wait<v1::Status>> recover(Client& client, const v1::RecoverRequest& request);
/// The same with a key that never was a text; neither the request's key nor its shares are looked at.
CommandResult<Wait<v1::Status>> recover_with(Client& client, const v1::RecoverRequest& request,
                                             const recovery::RecoverySeed& seed);
/// On the same device, for who has no key.
CommandResult<v1::SharesRequest> ask_for_shares(Client& client, const v1::RecoverRequest& request);

/// Errors: usage (it is no request).
CommandResult<v1::SharesRequest> read_shares_request(Client& client, const v1::SharesRequest& request);
/// By a recovery contact who made sure who asks. Errors: those of release_share and of until_known.
CommandResult<Wait<v1::ReleasedShare>> release_share(Client& client, const v1::SharesRequest& request);
/// Every contact is told, at the server when this is answered. Errors: those of veto_recovery; queued.
CommandResult<Wait<v1::RecoveryStatus>> refuse_recovery(Client& client, const v1::Nothing& request);

}  // namespace sotto::client::api

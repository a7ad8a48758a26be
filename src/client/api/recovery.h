// Service Recovery.
#pragma once

#include "client/api/client.h"
#include "client/api/wait.h"
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
CommandResult<Wait<v1::Status>> recover(Client& client, const v1::RecoverRequest& request);

}  // namespace sotto::client::api

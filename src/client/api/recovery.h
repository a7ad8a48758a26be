// Service Recovery.
#pragma once

#include <string>
#include <variant>
#include <vector>

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
/// The key, or the armoured shares that recovery contacts gave.
using RecoveryMeans = std::variant<recovery::RecoverySeed, std::vector<std::string>>;
/// The same with what never was in a request; the request's key is not looked at.
CommandResult<Wait<v1::Status>> recover_with(Client& client, const v1::RecoverRequest& request,
                                             const RecoveryMeans& means);
/// On the same device, for who has no key: the armoured request to recovery contacts for their shares.
CommandResult<std::string> ask_for_shares(Client& client, const v1::RecoverRequest& request);

}  // namespace sotto::client::api

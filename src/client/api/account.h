// Services Account and Sms.
#pragma once

#include "client/api/client.h"
#include "client/api/wait.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {

/// Its name is free, its keys are at the server. What waits then goes on with the next connection.
CommandResult<Wait<v1::Status>> register_account(Client& client, const v1::RegisterRequest& request);
/// Errors: no_profile where nothing was ever set up.
CommandResult<v1::Status> account_status(Client& client, const v1::Nothing& request);

CommandResult<v1::NoticeList> list_notices(Client& client, const v1::Nothing& request);
/// Whatever somebody else did about it before.
CommandResult<v1::Nothing> dismiss_notice(Client& client, const v1::NoticeRequest& request);

CommandResult<Wait<v1::OwnHandles>> own_handles(Client& client, const v1::Nothing& request);
CommandResult<Wait<v1::OwnHandles>> add_handle(Client& client, const v1::HandleRequest& request);
CommandResult<Wait<v1::OwnHandles>> prove_handle(Client& client, const v1::HandleRequest& request);
CommandResult<Wait<v1::OwnHandles>> remove_handle(Client& client, const v1::HandleRequest& request);

CommandResult<Wait<v1::Nothing>> set_password(Client& client, const v1::PasswordRequest& request);
/// The same for a password that never was a text. Errors: usage (too weak).
CommandResult<Wait<v1::Nothing>> take_password(Client& client, crypto::SecretBytes chosen);
CommandResult<Wait<v1::Nothing>> remove_password(Client& client, const v1::Nothing& request);
/// First everything written is sent, unless `abandon` is set.
CommandResult<Wait<v1::Status>> deregister(Client& client, const v1::DeregisterRequest& request);

CommandResult<v1::SmsPermissionList> list_sms(Client& client, const v1::Nothing& request);
CommandResult<v1::SmsPermission> allow_sms(Client& client, const v1::SmsRequest& request);
CommandResult<v1::SmsPermission> forbid_sms(Client& client, const v1::SmsRequest& request);

}  // namespace sotto::client::api

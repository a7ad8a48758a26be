// Service Contacts, and asking the directory about people before a command that needs to know them.
#pragma once

#include <string>
#include <vector>

#include "client/api/client.h"
#include "client/api/wait.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {

/// Until the keys of all of these are pinned; nothing to do for those that are. What is no handle, and own
/// names, are for the command to refuse. Errors: no_such_user, failed.
CommandResult<Wait<v1::Nothing>> until_known(Client& client, const std::vector<std::string>& people);

CommandResult<v1::Contact> get_contact(Client& client, const v1::ContactRequest& request);
CommandResult<Wait<v1::Contact>> look_up_contact(Client& client, const v1::ContactRequest& request);
/// The first half of the next: whose link it is. Nobody is asked about them yet.
CommandResult<std::string> keep_contact_link(Client& client, const v1::ContactLinkRequest& request);
CommandResult<Wait<v1::Contact>> use_contact_link(Client& client, const v1::ContactLinkRequest& request);
CommandResult<v1::Contact> accept_key(Client& client, const v1::ContactRequest& request);
CommandResult<v1::Contact> keep_key(Client& client, const v1::ContactRequest& request);
CommandResult<v1::VerificationProgress> show_qr(Client& client, const v1::ContactRequest& request);
CommandResult<v1::VerificationProgress> verify_by_qr(Client& client, const v1::VerifyQrRequest& request);
CommandResult<v1::VerificationProgress> start_digits(Client& client, const v1::ContactRequest& request);
CommandResult<v1::VerificationProgress> answer_digits(Client& client, const v1::AnswerDigitsRequest& request);
CommandResult<v1::Contact> withdraw_verification(Client& client, const v1::ContactRequest& request);

}  // namespace sotto::client::api

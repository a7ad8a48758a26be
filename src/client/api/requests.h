// Service Requests: strangers, who may be one, and where links lead.
#pragma once

#include "client/api/client.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {

CommandResult<v1::ConversationList> list_requests(Client& client, const v1::Nothing& request);
CommandResult<v1::Conversation> accept_request(Client& client, const v1::ConversationRequest& request);
CommandResult<v1::Nothing> delete_request(Client& client, const v1::ConversationRequest& request);
CommandResult<v1::Nothing> block_request(Client& client, const v1::ConversationRequest& request);
CommandResult<v1::ConversationList> list_blocked(Client& client, const v1::Nothing& request);
CommandResult<v1::Conversation> unblock(Client& client, const v1::ConversationRequest& request);
CommandResult<v1::Report> preview_report(Client& client, const v1::ConversationRequest& request);
CommandResult<v1::Report> report(Client& client, const v1::ReportRequest& request);
CommandResult<v1::Message> reveal_links(Client& client, const v1::MessageRequest& request);
CommandResult<v1::ContactRules> contact_rules(Client& client, const v1::Nothing& request);
/// Errors: usage where it names no rule.
CommandResult<v1::ContactRules> set_contact_rule(Client& client, const v1::ContactRules& request);
CommandResult<v1::ContactRules> renew_contact_link(Client& client, const v1::Nothing& request);
CommandResult<v1::ContactRules> withdraw_contact_link(Client& client, const v1::Nothing& request);

}  // namespace sotto::client::api

#include "client/api/requests.h"

#include "client/conversations/records.h"
#include "client/links/records.h"
#include "client/requests/decisions.h"
#include "client/requests/reports.h"
#include "client/requests/rules.h"

namespace sotto::client::api {
namespace {

template <typename Change>
CommandResult<v1::ContactRules> change_rules(Client& client, Change&& change) {
  return run_in(client, [&](Work& work) -> Result<v1::ContactRules, ComposeError> {
    change(work);
    return client::contact_rules(work.db, work.self);
  });
}

}  // namespace

CommandResult<v1::ConversationList> list_requests(Client& client, const v1::Nothing&) {
  return read_in(client, [&](const Self& self) {
    v1::ConversationList list;
    for (auto& record : request_records(client.database(), self, client.now())) {
      *list.add_conversations() = std::move(record);
    }
    return list;
  });
}

CommandResult<v1::Conversation> accept_request(Client& client, const v1::ConversationRequest& request) {
  return run_in(client, [&](Work& work) { return client::accept_request(work, request.conversation()); });
}

CommandResult<v1::Nothing> delete_request(Client& client, const v1::ConversationRequest& request) {
  SOTTO_CHECK_OK(
      run_in(client, [&](Work& work) { return client::delete_request(work, request.conversation()); }));
  return v1::Nothing();
}

CommandResult<v1::Nothing> block_request(Client& client, const v1::ConversationRequest& request) {
  SOTTO_CHECK_OK(
      run_in(client, [&](Work& work) { return client::block_request(work, request.conversation()); }));
  return v1::Nothing();
}

CommandResult<v1::ConversationList> list_blocked(Client& client, const v1::Nothing&) {
  return read_in(client, [&](const Self& self) {
    v1::ConversationList list;
    for (auto& record : blocked_records(client.database(), self, client.now())) {
      *list.add_conversations() = std::move(record);
    }
    return list;
  });
}

CommandResult<v1::Conversation> unblock(Client& client, const v1::ConversationRequest& request) {
  return run_in(client, [&](Work& work) { return client::unblock(work, request.conversation()); });
}

CommandResult<v1::Report> preview_report(Client& client, const v1::ConversationRequest& request) {
  return run_in(client, [&](Work& work) { return client::preview_report(work, request.conversation()); });
}

CommandResult<v1::Report> report(Client& client, const v1::ReportRequest& request) {
  const ReportWish wish{.why = request.why(),
                        .messages = {request.message_ids().begin(), request.message_ids().end()},
                        .keep = request.keep()};
  return run_in(client,
                [&](Work& work) { return client::report_person(work, request.conversation(), wish); });
}

CommandResult<v1::Message> reveal_links(Client& client, const v1::MessageRequest& request) {
  return run_in(client, [&](Work& work) -> Result<v1::Message, ComposeError> {
    SOTTO_TRY(const std::int64_t row,
              client::reveal_links(work, request.conversation(), request.message_id()));
    auto record = message_record(work.db, work.self, row);
    if (!record) return err(ComposeError::no_message);
    return *std::move(record);
  });
}

CommandResult<v1::ContactRules> contact_rules(Client& client, const v1::Nothing&) {
  return read_in(client, [&](const Self& self) { return client::contact_rules(client.database(), self); });
}

CommandResult<v1::ContactRules> set_contact_rule(Client& client, const v1::ContactRules& request) {
  if (request.from() == v1::ContactRules::FROM_UNSPECIFIED) {
    return err(Failure{ExitCode::usage, "say who may write first: ANYBODY, GROUPS, LINK, NOBODY or OPEN"});
  }
  return change_rules(client, [&](Work& work) { client::set_contact_rule(work, request.from()); });
}

CommandResult<v1::ContactRules> renew_contact_link(Client& client, const v1::Nothing&) {
  return change_rules(client, [](Work& work) { client::renew_contact_link(work); });
}

CommandResult<v1::ContactRules> withdraw_contact_link(Client& client, const v1::Nothing&) {
  return change_rules(client, [](Work& work) { client::withdraw_contact_link(work); });
}

}  // namespace sotto::client::api

// Service Messages.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/api/client.h"
#include "client/api/wait.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {

/// What is to be sent, made ready before anything is written: contents within their bounds, files encrypted.
struct Outgoing {
  v1::Content content;
  EntryOptions options;
  std::vector<NewFile> files;
};
/// Errors: usage and refused for contents, failed for files.
CommandResult<Outgoing> outgoing(Client& client, const v1::SendRequest& request);
/// What of that needs no profile and leaves nothing behind: one message, within its bounds, with demands that
/// there are. Errors: usage.
CommandResult<void> check_outgoing(const v1::SendRequest& request, UnixMs now);

/// One of this account's by its whole id, whatever others call theirs; nothing where it is gone. Reads only.
CommandResult<std::optional<v1::Message>> own_message(Client& client, const std::string& message_id);

CommandResult<v1::Message> send_message(Client& client, const v1::SendRequest& request);
CommandResult<v1::Message> get_message(Client& client, const v1::MessageRequest& request);
CommandResult<v1::Message> edit_message(Client& client, const v1::EditRequest& request);
CommandResult<v1::Message> unsend_message(Client& client, const v1::MessageRequest& request);
CommandResult<v1::Nothing> erase_message(Client& client, const v1::MessageRequest& request);
CommandResult<v1::Message> react(Client& client, const v1::ReactRequest& request);
CommandResult<v1::Message> pin(Client& client, const v1::PinRequest& request);
CommandResult<v1::Message> vote(Client& client, const v1::VoteRequest& request);
CommandResult<v1::Message> close_poll(Client& client, const v1::MessageRequest& request);
CommandResult<v1::Message> move_location(Client& client, const v1::MoveLocationRequest& request);
CommandResult<v1::MessageList> search_messages(Client& client, const v1::SearchRequest& request);
/// Asks the page, from here. Errors: failed.
CommandResult<Wait<v1::LinkPreview>> preview_page(Client& client, const v1::PreviewRequest& request);
CommandResult<v1::Message> forward_message(Client& client, const v1::ForwardRequest& request);
CommandResult<v1::Scheduled> schedule(Client& client, const v1::SendRequest& request);
CommandResult<v1::ScheduledList> list_scheduled(Client& client, const v1::Nothing& request);
/// What is not to be sent any more.
CommandResult<v1::Scheduled> withdraw_scheduled(Client& client, const v1::MessageRequest& request);
CommandResult<v1::Nothing> cancel_scheduled(Client& client, const v1::MessageRequest& request);

}  // namespace sotto::client::api

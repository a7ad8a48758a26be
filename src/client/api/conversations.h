// Service Conversations.
#pragma once

#include "client/api/client.h"
#include "client/api/wait.h"
#include "client/conversations/conversation.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {

/// As a person names it. Errors: usage, no_such_user.
CommandResult<ConversationRecord> conversation_named(store::Database& database, const Self& self,
                                                     const std::string& typed);

CommandResult<v1::ConversationList> list_conversations(Client& client, const v1::Nothing& request);
CommandResult<v1::Conversation> get_conversation(Client& client, const v1::ConversationRequest& request);
CommandResult<Wait<v1::Conversation>> open_conversation(Client& client,
                                                        const v1::ConversationRequest& request);
CommandResult<v1::MessagePage> conversation_history(Client& client, const v1::HistoryRequest& request);
CommandResult<v1::Conversation> mark_read(Client& client, const v1::ConversationRequest& request);
/// True: somebody is told.
CommandResult<bool> signal_typing(Client& client, const v1::TypingRequest& request);
CommandResult<v1::Nothing> set_typing(Client& client, const v1::TypingRequest& request);
/// Gives the message that says it.
CommandResult<v1::Message> say_timer(Client& client, const v1::TimerRequest& request);
CommandResult<v1::Conversation> set_timer(Client& client, const v1::TimerRequest& request);
/// All of them or none. Errors: usage where it names none.
CommandResult<v1::Conversation> change_settings(Client& client, const v1::SettingsRequest& request);
CommandResult<v1::Conversation> set_draft(Client& client, const v1::DraftRequest& request);

}  // namespace sotto::client::api

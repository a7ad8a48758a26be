// A group as a conversation of this account, and its record for user interfaces.
#pragma once

#include "client/conversations/conversation.h"
#include "client/core/work.h"
#include "groups/history.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// This account is in it, under its own key.
bool is_member(const Work& work, const groups::History& history);

ConversationRow ensure_group_conversation(store::Database& database, const groups::GroupId& group);
std::optional<ConversationRecord> find_group_conversation(store::Database& database,
                                                          const groups::GroupId& group);

/// A member as people see it: the own handle, a contact's name, or the account in hexadecimal.
std::string member_name(store::Database& database, const Self& self, const identity::AccountId& account);
v1::Group group_record(store::Database& database, const Self& self, const groups::History& history);
/// All groups that this account is or was in.
std::vector<v1::Group> group_records(store::Database& database, const Self& self);
/// "Allotment", as its history says; empty if nothing of it is here.
std::string group_title(store::Database& database, const groups::GroupId& group);
/// What of a conversation's record is the group's: its title, its guests, and what they mean for its
/// security.
void add_group(store::Database& database, const groups::GroupId& group, const Self& self,
               v1::Conversation& record);
void announce_group(Work& work, const groups::GroupId& group);

/// As a person names it: its name, or the first digits of its id, eight at least. Several: none of them.
std::vector<groups::GroupId> groups_called(store::Database& database, std::string_view typed);

}  // namespace sotto::client

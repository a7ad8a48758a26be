// Service Groups. A group is named by its id, its name, or either with the mark that it has among
// conversations.
#pragma once

#include "client/api/client.h"
#include "client/api/wait.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {

CommandResult<v1::GroupList> list_groups(Client& client, const v1::Nothing& request);
CommandResult<v1::Group> get_group(Client& client, const v1::GroupRef& request);
// People who are named by handles and not known here are looked up first.
CommandResult<Wait<v1::Group>> create_group(Client& client, const v1::GroupPeopleRequest& request);
CommandResult<Wait<v1::Group>> add_to_group(Client& client, const v1::GroupPeopleRequest& request);
CommandResult<Wait<v1::Group>> remove_from_group(Client& client, const v1::GroupPeopleRequest& request);
CommandResult<v1::Group> leave_group(Client& client, const v1::GroupRef& request);
CommandResult<v1::Group> rename_group(Client& client, const v1::GroupPeopleRequest& request);
CommandResult<Wait<v1::Group>> set_group_role(Client& client, const v1::GroupRoleRequest& request);
CommandResult<v1::Group> change_group_settings(Client& client, const v1::GroupSettingsRequest& request);
/// Errors: usage (no picture, or too large a one), refused, and those of files.
CommandResult<v1::Group> set_group_photo(Client& client, const v1::GroupPhotoRequest& request);
CommandResult<v1::Group> group_link(Client& client, const v1::GroupLinkRequest& request);
CommandResult<Wait<v1::Nothing>> join_group(Client& client, const v1::GroupJoinRequest& request);
CommandResult<v1::GroupRequestList> group_requests(Client& client, const v1::GroupRef& request);
CommandResult<v1::Group> decide_request(Client& client, const v1::GroupDecision& request);

}  // namespace sotto::client::api

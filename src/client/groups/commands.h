// What the user does with groups. Names are as a person types them: of a group, its name or the first digits
// of its id; of people, their handles, who have been looked up before.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/core/work.h"
#include "client/groups/error.h"
#include "groups/history.h"
#include "session/content_signature.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// The group of this name. Errors: not_registered, no_such_group, ambiguous_group.
GroupOutcome<groups::GroupId> group_called(Work& work, std::string_view typed);

// Errors of all: those of group_called; unknown_person; refused.
/// Errors: bad_name.
GroupOutcome<groups::GroupId> create_group(Work& work, std::string_view name,
                                           const std::vector<std::string>& people);
GroupOutcome<void> add_to_group(Work& work, std::string_view group, const std::vector<std::string>& people);
GroupOutcome<void> remove_from_group(Work& work, std::string_view group,
                                     const std::vector<std::string>& people);
GroupOutcome<void> leave_group(Work& work, std::string_view group);
/// Errors: bad_name.
GroupOutcome<void> rename_group(Work& work, std::string_view group, std::string_view name);
GroupOutcome<void> set_group_role(Work& work, std::string_view group, const std::string& person,
                                  groups::Role role);
GroupOutcome<void> set_in_group(Work& work, std::string_view group, groups::Setting setting,
                                std::uint64_t value);

enum class LinkChange : std::uint8_t { show, renew, withdraw };
/// The text of the link in force, made if there is none; empty after withdraw.
GroupOutcome<std::string> group_link(Work& work, std::string_view group, LinkChange change);
/// Asks the admin whom the link names. Returns the admin's handle. Errors: bad_link, other_key.
GroupOutcome<std::string> ask_to_join(Work& work, std::string_view link);
GroupOutcome<std::vector<v1::GroupRequest>> requests_of_group(Work& work, std::string_view group);
/// Errors: no_request.
GroupOutcome<void> decide_request(Work& work, std::string_view group, std::string_view person, bool approve);

GroupOutcome<v1::Group> show_group(Work& work, std::string_view group);

}  // namespace sotto::client

// Coming in by an invite link: what those who have it ask, and what an admin answers (docs/specs/groups.md
// 7).
#pragma once

#include "client/core/work.h"
#include "groups/history.h"
#include "groups/link.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// Somebody shows that it has the link. Kept for an admin to decide, if this account is one.
void take_join_request(Work& work, const groups::MemberName& requester, const groups::GroupId& group,
                       ByteView tag);
/// Requests of those who are in, or were refused, or whose link was replaced.
void forget_settled_requests(Work& work, const groups::History& history);

/// Who waits to be let in.
std::vector<v1::GroupRequest> open_requests(store::Database& database, const groups::GroupId& group);

}  // namespace sotto::client

// What somebody changed in a group, as lines of its conversation (docs/specs/groups.md 10). They stand where
// this device learned of it; what it comes to the group's record says.
#pragma once

#include <span>
#include <string>

#include "client/core/work.h"
#include "groups/history.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// Adds lines about operations that were taken just now, in this order, where they have effect; before the
/// first one of a conversation who began the group or let this account in. `fresh`: it was no conversation
/// here before, and needs no others. None in a request.
void tell_group_changes(Work& work, const groups::History& history,
                        std::span<const groups::OperationHash> taken, bool fresh);

/// "alice added bob and carol". Its names are filled in.
std::string words_of(const v1::SystemLine& line, const std::string& who);
/// The line that a row's `detail` holds, with names as they are known now; empty if it is no line of a group.
std::optional<v1::SystemLine> group_line(store::Database& database, const Self& self,
                                         const std::optional<Bytes>& detail);

}  // namespace sotto::client

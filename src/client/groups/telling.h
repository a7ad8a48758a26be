// What accounts tell each other about groups outside of their conversations: operations, questions for them,
// requests to be let in (content.proto, GroupUpdate).
#pragma once

#include <span>

#include "client/core/work.h"
#include "groups/history.h"

namespace sotto::client {

/// All devices of an account, or one.
struct Listener {
  identity::AccountId account;
  std::optional<identity::DeviceId> device = {};
};

/// Parents first.
void tell_operations(Work& work, const Listener& listener, const groups::GroupId& group,
                     std::span<const groups::OperationHash> operations);
/// Asks for what is not here, unless that was just done.
void ask_for_operations(Work& work, const Listener& listener, const groups::GroupId& group);
/// What the asker lacks, if it is a member.
void answer_ask(Work& work, const identity::DeviceAddress& asker, const groups::GroupId& group,
                std::span<const groups::OperationHash> heads);
void tell_request(Work& work, const identity::AccountId& approver, const groups::GroupId& group,
                  ByteView tag);

}  // namespace sotto::client

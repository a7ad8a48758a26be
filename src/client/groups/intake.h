// Operations that others made: kept until they can be judged, judged, and what follows from them.
#pragma once

#include "client/core/work.h"
#include "groups/history.h"
#include "session/content_signature.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// What a device said about a group.
void take_group_update(Work& work, const session::VerifiedContent& content, const v1::GroupUpdate& update);

/// The manifests of this account are known better now.
void settle_waiting_of(Work& work, const identity::AccountId& account);

/// What an operation changed, whoever made it: the conversation, the pinned keys of members, and messages
/// that waited for it.
/// `taken`: in the order in which they were.
void after_change(Work& work, const groups::GroupId& group, std::span<const groups::OperationHash> taken);

/// Hourly: forgets what waited in vain.
void expire_group_waiting(Work& work);

}  // namespace sotto::client

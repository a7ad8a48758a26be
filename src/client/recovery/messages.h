// What accounts tell each other about recovery (docs/specs/recovery.md 3, 4): where each message goes.
#pragma once

#include "client/core/work.h"
#include "client/outbox/queue.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// Queues it for all devices of an account.
OutboxItemId tell(Work& work, const identity::AccountId& account, const v1::RecoveryMessage& message);

/// Verified content of another account.
void take_recovery_message(Work& work, const identity::AccountId& from, const v1::RecoveryMessage& message);

}  // namespace sotto::client

// Envelopes that wait for the manifest of whoever claims to have written them.
#pragma once

#include "client/core/work.h"
#include "client/inbox/receive.h"

namespace sotto::client {

/// False when too many wait already: the envelope is dropped.
bool hold_envelope(Work& work, const identity::AccountId& claimed, const Arrived& arrived);
/// The newest manifest of `account` is known now: opens what waits for it, or gives it up.
void process_held(Work& work, const identity::AccountId& account);
void expire_held(Work& work);

}  // namespace sotto::client

// What the server tells of an account's safety (docs/specs/sign-in.md 4).
#pragma once

#include "client/core/work.h"
#include "sotto/v1/sign_in.pb.h"

namespace sotto::client {

/// Becomes a notice; one that was seen before is ignored.
void on_account_notice(Work& work, const v1::AccountNotice& notice);

}  // namespace sotto::client

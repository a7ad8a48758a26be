// What happened to the account's safety, shown once on every own device: told by the server (AccountNotice)
// or by another own device. Kept until a reader has shown it.
#pragma once

#include <utility>
#include <vector>

#include "client/core/work.h"

namespace sotto::client {

/// Keeps the notice and announces it. Of those kept the oldest goes beyond a few hundred.
void note(Work& work, const v1::Notice& notice);
/// One that was seen before is ignored.
void on_account_notice(Work& work, const v1::AccountNotice& notice);

/// Those that no reader has shown, oldest first, with their rows. Any process of the profile may.
std::vector<std::pair<std::int64_t, v1::Notice>> unshown_notices(store::Database& database);
/// Inside a transaction: everything up to this row was shown.
void mark_notices_shown(store::Database& database, std::int64_t row);

}  // namespace sotto::client

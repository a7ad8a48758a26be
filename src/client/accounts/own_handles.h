// The names of this account: asking for them and changing them, at the server. Nothing of it is kept here but
// the one that messages claim (self.h).
#pragma once

#include "client/core/work.h"

namespace sotto::client {

/// Asks for all handles of the account. An OwnHandles event follows. False: not signed in, or asking already.
bool ask_own_handles(Work& work);
/// An OwnHandles event or a Problem HANDLE_REFUSED follows. False: not signed in, or another change is
/// running.
bool change_own_handle(Work& work, const v1::ManageHandle& change);

void on_account_status(Work& work, const Request& request, const v1::AccountStatus& answer);
void on_handle_managed(Work& work, const Request& request, const v1::HandleManaged& answer);
void on_handle_change_refused(Work& work, const Request& request, const v1::Error& error);

}  // namespace sotto::client

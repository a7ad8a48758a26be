// From handles to accounts, through the directory.
#pragma once

#include "client/core/work.h"

namespace sotto::client {

/// Asks for handles that somebody writes to, and checks those that senders claim.
void resolve_wanted_handles(Work& work);
void on_handle_resolved(Work& work, const Request& request, const v1::HandleResolved& answer);
void on_handle_refused(Work& work, const Request& request, const v1::Error& error);

}  // namespace sotto::client

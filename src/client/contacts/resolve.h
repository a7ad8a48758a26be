// What the log's proven answers about handles and accounts mean for contacts: whom a name reaches, that it
// was given up, that an account is gone or has another key (docs/specs/transparency.md 11).
#pragma once

#include "client/core/work.h"
#include "transparency/contact.h"

namespace sotto::client {

void on_handle_proven(Work& work, const Request& request, const transparency::ContactStates& states);
void on_account_proven(Work& work, const Request& request, const identity::AccountId& account,
                       const transparency::LabelState& state);
/// Messages written to an account that was turned off, after it was.
void fail_messages_to_the_gone(Work& work);

}  // namespace sotto::client

// Turning the account off for good (docs/specs/identity.md 9). What is to be done when a contact did is
// contacts/resolve.h's concern.
#pragma once

#include <string_view>

#include "client/core/work.h"

namespace sotto::client {

enum class RetireError : std::uint8_t {
  not_registered,
};
std::string_view describe(RetireError error);

/// The user wants the account to end. Sent when the connection is there, signed over the newest manifest, and
/// asked again until the server has answered.
Result<void, RetireError> retire_account(Work& work);
/// The user wants the account to end, and the server says that it did: nothing is left to be asked.
Result<void, RetireError> take_as_retired(Work& work);
/// Sends what is wanted.
void keep_retirement(Work& work);
void on_account_retired(Work& work, const Request& request);
void on_retirement_refused(Work& work, const Request& request, const v1::Error& error);
/// The server knows this account as one that ended: because this device asked for it, or another did.
void on_own_account_gone(Work& work);

}  // namespace sotto::client

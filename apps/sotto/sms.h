// Asking before anything leaves unencrypted.
#pragma once

#include <string>

#include "exit_code.h"
#include "session.h"

namespace sotto::cli {

/// If `user` is a telephone number's conversation ("sms:NUMBER") for which nothing was allowed, asks the
/// person at the terminal. Anybody else, and whoever says no, is left without the permission.
CommandResult<void> ask_for_sms(Session& session, const std::string& user);
/// Allows texts to the number, as somebody said who knows what that means.
CommandResult<void> allow_sms(Session& session, const std::string& number);

}  // namespace sotto::cli

// Notices about the account's safety: shown once, by whichever command reads next.
#pragma once

#include "output.h"
#include "profile.h"

namespace sotto::cli {

/// Those that nobody was shown yet.
CommandResult<void> print_notices(Profile& profile, const Output& output);

}  // namespace sotto::cli

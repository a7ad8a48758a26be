// A recovery key on its way from paper into the program, and onto the screen once.
#pragma once

#include <string_view>

#include "exit_code.h"
#include "recovery/recovery_seed.h"

namespace sotto::cli {

/// Where a typed key comes from.
enum class KeySource : std::uint8_t { terminal, standard_input };

/// What somebody types after `question`, three times at most while it is mistyped. Errors: usage.
CommandResult<recovery::RecoverySeed> read_recovery_key(std::string_view question, KeySource source);

/// Shows a new key on standard error, never in a record, and has it typed to see that it was written down.
/// Errors: usage (typed otherwise three times).
CommandResult<void> show_recovery_key(const recovery::RecoverySeed& seed, KeySource source);

}  // namespace sotto::cli

// The recovery seed and its text on paper (docs/specs/recovery.md 1): nine groups of four characters, the
// last of which checks the others. What is derived from a seed is recovery_key.h's concern.
#pragma once

#include <string>
#include <string_view>

#include "crypto/random.h"
#include "crypto/secret.h"
#include "recovery/error.h"

namespace sotto::recovery {

/// 160 bits from which everything about a recovery key follows.
using RecoverySeed = crypto::SecretArray<20, struct RecoverySeedTag>;

/// "ABCD-EFGH-...": for paper and the screen only.
std::string seed_text(const RecoverySeed& seed);

/// What people type. Blanks, hyphens and line ends anywhere, either case, and 0, 1, 8 for O, I, B. In time
/// that depends on where such fillers stand, not on the key. Errors: malformed (another character or length),
/// mistyped.
RecoveryResult<RecoverySeed> parse_seed(std::string_view typed);

}  // namespace sotto::recovery

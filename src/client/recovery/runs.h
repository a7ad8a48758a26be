// What of recovery lives in memory only, from one opening of the store to the next: losing it repeats
// requests and nothing else.
#pragma once

#include <cstdint>
#include <optional>

#include "identity/verify.h"
#include "recovery/slot.h"

namespace sotto::client {

/// A new device's way back into its account, on one connection.
struct RecoveryAttempt {
  std::optional<recovery::OpenedSlot> opened;
  std::optional<identity::VerifiedManifest> newest;  ///< how far the account's chain was followed
  bool met_reference = false;                        ///< the manifest that the slot names stands in it
};

struct RecoveryRuns {
  std::int64_t storing = 0;                     ///< which change the slots on their way to the server have
  std::optional<recovery::RecoverySeed> drill;  ///< typed, waiting for its slot
  RecoveryAttempt attempt;
};

}  // namespace sotto::client

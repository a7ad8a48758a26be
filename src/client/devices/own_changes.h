// What the waiting manifest changes, kept apart from its octets. When another device publishes first those
// are void, and the same changes are made once more on top of the newest list.
#pragma once

#include <string>
#include <vector>

#include "client/core/work.h"
#include "identity/verify.h"

namespace sotto::client {

enum class ChangeKind : std::uint8_t { add = 1, remove = 2, rename = 3, recovery = 4 };

struct OwnChange {
  ChangeKind kind;
  identity::DeviceId device;
  std::string name;                ///< add, rename
  Bytes octets;                    ///< add: the DIK; recovery: the fingerprint
  std::uint32_t capabilities = 0;  ///< add
};

/// What leads from `before` to `after`, whose names this device can open or knows.
std::vector<OwnChange> changes_between(Work& work, const identity::Manifest& before,
                                       const identity::Manifest& after);
/// Keeps them, instead of those kept before.
void save_changes(Work& work, const std::vector<OwnChange>& changes);
/// Those kept. A stored change that makes no sense is database_corrupt.
std::vector<OwnChange> load_changes(store::Database& database);

/// Forgets those kept that a list shows as made: a later list may have taken them back, and that counts.
void forget_made_changes(Work& work, const identity::Manifest& list);

/// Applies what is not so in the draft already, and can be. False: nothing was left to do.
bool apply_changes(Work& work, identity::Manifest& draft, const std::vector<OwnChange>& changes);

}  // namespace sotto::client

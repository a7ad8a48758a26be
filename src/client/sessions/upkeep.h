// What sessions need although nothing is said in them: end of life, and the limit over all of them.
#pragma once

#include "client/core/work.h"

namespace sotto::client {

/// Once a day: forgets sessions and skipped keys that are too old, and the oldest skipped keys beyond
/// session::kMaxSkippedKeysPerDevice.
void clear_old_sessions(Work& work);

}  // namespace sotto::client

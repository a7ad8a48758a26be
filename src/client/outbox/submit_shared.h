// Handing over what was encrypted once for many: its octets go to the server once, with the envelopes of all
// accounts that are ready for them.
#pragma once

#include "client/core/work.h"

namespace sotto::client {

/// Before submit_encrypted, which leaves these deliveries alone.
void submit_shared(Work& work);

}  // namespace sotto::client

// From items to deliveries: exactly the devices of the newest verified manifest, without this one.
#pragma once

#include "client/core/work.h"

namespace sotto::client {

/// For every open item whose manifest is known and newer than the one it was last spread over.
void fan_out(Work& work);

}  // namespace sotto::client

// What own devices tell each other alone.
#pragma once

#include <optional>

#include "client/core/work.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// Queues a SyncEvent for all other own devices, or one of them; nothing where there are none.
void tell_own_devices(Work& work, v1::Content& content, const std::optional<identity::DeviceId>& device = {});

}  // namespace sotto::client

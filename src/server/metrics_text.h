// The counters in Prometheus' text format. Names: docs/operations.md 4.
#pragma once

#include <string>

#include "server/counts.h"
#include "transport/listener.h"

namespace sotto::server {

std::string metrics_text(const Counts& core, const transport::ListenerCounts& listener);

}  // namespace sotto::server

// One GET over plain HTTP, for what another auditor publishes. Bounded in time and size.
#pragma once

#include <string>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "outcome.h"

namespace sotto::audit_cli {

/// The body of a 200 response. `url`: http://HOST[:PORT]/PATH.
Outcome<Bytes> http_get(const std::string& url, std::size_t max_octets, DurationMs patience);

}  // namespace sotto::audit_cli

// What certificate verification leaves for the connection it belongs to. Internal to the module.
#pragma once

#include <optional>

#include "transport/certificate.h"

namespace sotto::transport {

/// The SSL object's application data.
struct TlsPeer {
  std::optional<SpkiPin> pin;
};

}  // namespace sotto::transport

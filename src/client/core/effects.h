// What an input to the core asks its owner to do. Released only after everything it rests on is committed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// Why the core wants the connection dropped.
enum class Disconnect : std::uint8_t {
  none,
  retry,    ///< something went wrong on it: connect again after a pause
  refused,  ///< connecting again cannot help until a person acts; an Event says why
};

struct Effects {
  std::vector<Bytes> frames;  ///< encoded ClientFrames, to be sent in this order on the present connection
  std::vector<v1::Event> events;  ///< for whoever watches; everything in them is in the store as well
  Disconnect disconnect = Disconnect::none;
  std::optional<UnixMs> next_tick;  ///< call tick() then at the latest
};

}  // namespace sotto::client

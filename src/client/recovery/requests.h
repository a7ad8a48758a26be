// The requests of recovery to the server, and where their answers go.
#pragma once

#include "client/core/work.h"

namespace sotto::client {

/// The first octet of the subject of a request of RequestKind::recovery.
enum class RecoveryStep : std::uint8_t {
  store = 1,    ///< slots, by a device
  drill = 2,    ///< the slot of a typed key, by a device
  fetch = 3,    ///< a slot, by a new device
  chain = 4,    ///< manifests of the account, by a new device
  publish = 5,  ///< the list that the recovery key authored
  log = 6,      ///< what the log says of the account, by a new device
};

RequestKey recovery_request(RecoveryStep step);

/// An answer or an error. Another kind of answer than the step has ends the connection.
void on_recovery_answer(Work& work, const Request& request, const v1::ServerFrame& frame);

}  // namespace sotto::client

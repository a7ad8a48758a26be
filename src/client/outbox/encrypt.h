// From deliveries to wire octets, which are stored before they leave: a restart sends the same octets
// (docs/specs/session-protocol.md 7).
#pragma once

#include "client/core/work.h"

namespace sotto::client {

/// Encrypts waiting deliveries, a window per device, and asks for bundles where no session can send.
void encrypt_waiting(Work& work);
void on_bundles(Work& work, const Request& request, const v1::Bundles& answer);
void on_bundles_refused(Work& work, const Request& request, const v1::Error& error);

/// What the session layer says happened to the sessions with one device.
void handle_session_events(Work& work, const identity::DeviceAddress& device,
                           const std::vector<session::Event>& events);

}  // namespace sotto::client

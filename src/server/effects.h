// What the server core wants done to connections. A real listener and the simulator both implement it.
#pragma once

#include <string_view>

#include "bytes/bytes.h"
#include "gateway/text_messages.h"
#include "identity/handle.h"
#include "transport/listener.h"

namespace sotto::server {

using transport::ConnectionId;
using transport::ConnectionInfo;

/// What became of a code that was to be sent.
enum class CodeSending : std::uint8_t {
  queued,
  unsupported,  ///< no courier for this kind of handle
  overloaded,   ///< too many wait already
};

class Effects {
 public:
  virtual ~Effects() = default;
  /// Queues one message; those of one turn may leave in one write. Unknown or dying connections are ignored:
  /// their on_close comes or has come. Must not call back into the core.
  virtual void send(ConnectionId connection, ByteView message) = 0;
  /// The peer is a known device: from now on it may send frames of up to wire::kMaxFrameBytes, where a
  /// stranger gets kMaxStrangerFrame.
  virtual void authenticated(ConnectionId) {}
  /// Closes after what was sent. The core has forgotten the connection; on_close for it is allowed to follow.
  virtual void close(ConnectionId connection, transport::CloseCode code) = 0;
  /// Sends a code to the address or number that is to be proved with it.
  virtual CodeSending send_code(const identity::Handle&, std::string_view /*code*/) {
    return CodeSending::unsupported;
  }
  /// Hands a text over to the gateway; Core::sms_handed_over() is told what became of it. Only with SmsRules
  /// that have numbers.
  virtual void hand_over_sms(const gateway::OutgoingSms&) {}
};

}  // namespace sotto::server

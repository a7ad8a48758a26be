// One outgoing stream: connect, TLS, upgrade, then messages both ways. Not concerned with reconnecting or
// with what messages mean.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "transport/endpoint.h"
#include "transport/error.h"
#include "transport/tls.h"
#include "transport/websocket.h"

namespace boost::asio {
class io_context;
}

namespace sotto::transport {

struct ClientOptions {
  Endpoint endpoint;
  /// For SNI, the certificate check and the Host field. Empty: the TCP endpoint's host, or "localhost".
  std::string server_name;
  std::string stream_path = "/v1/stream";

  DurationMs connect_timeout = seconds(15);  ///< name, TCP, TLS and upgrade together
  DurationMs ping_interval = seconds(45);    ///< of silence before a ping; keeps NAT entries alive
  DurationMs pong_timeout = seconds(20);     ///< silence after the ping before the stream is given up
  DurationMs close_timeout = seconds(2);     ///< for queued output and the close frame to leave

  std::size_t max_message_octets = 4 << 20;
  std::size_t max_unsent_octets = 8 << 20;  ///< more unsent output ends the stream as slow_consumer
};

struct ClientConnectionInfo {
  Exporter exporter;                  ///< zeros without TLS
  std::string tls_group;              ///< empty without TLS
  std::optional<SpkiPin> server_pin;  ///< absent without TLS
};

/// How a stream, or the attempt to open one, ended.
struct ConnectionEnd {
  TransportError reason;
  std::string detail;                   ///< for a person or a log; may be empty
  std::optional<SpkiPin> server_pin;    ///< the key the server showed, as soon as it was seen
  std::optional<CloseCode> close_code;  ///< what the peer's close frame said
};

/// Calls come from the io_context's thread, never from inside a call into the connection.
class ClientConnectionHandler {
 public:
  virtual ~ClientConnectionHandler() = default;
  virtual void on_open(const ClientConnectionInfo& info) = 0;
  /// The view is valid during the call.
  virtual void on_message(ByteView message) = 0;
  /// The last call; comes exactly once, also when opening failed, unless the connection is destroyed first.
  virtual void on_close(const ConnectionEnd& end) = 0;
  /// All messages that were readable have been delivered; what is sent now leaves in one write.
  virtual void on_turn_end() {}
};

class ClientCore;

/// Use from the io_context's thread only. Destroying it drops the connection without further calls; the
/// handler may do so from inside its own calls.
class ClientConnection {
 public:
  /// Begins to connect. `tls` empty: plain, for unix sockets and tests. context and handler must outlive the
  /// connection. A host name is resolved on asio's own resolver thread, everything else on the io_context.
  static std::unique_ptr<ClientConnection> open(boost::asio::io_context& context, ClientOptions options,
                                                std::optional<TlsClientContext> tls,
                                                ClientConnectionHandler& handler);
  ~ClientConnection();
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  /// Queues a message; all messages of one turn leave in one write. False before on_open, after the end, or
  /// when this message put the queue over max_unsent_octets (on_close follows).
  bool send(ByteView message);
  /// Octets queued and not yet taken by the kernel.
  [[nodiscard]] std::size_t unsent() const;
  /// Sends what is queued, then a close frame; on_close(closed_locally) follows when that is done or
  /// close_timeout has passed.
  void close();

 private:
  explicit ClientConnection(std::shared_ptr<ClientCore> core) : core_(std::move(core)) {}
  std::shared_ptr<ClientCore> core_;
};

}  // namespace sotto::transport

// The server's edge: accepts TCP or unix connections, does TLS, answers plain HTTP through a function and
// turns the stream path into a WebSocket whose messages go to a handler. One listener belongs to one event
// loop; one per core can share a port. Not concerned with what messages mean or who a peer is.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "transport/endpoint.h"
#include "transport/error.h"
#include "transport/http.h"
#include "transport/tls.h"
#include "transport/websocket.h"

namespace boost::asio {
class io_context;
}

namespace sotto::transport {

/// Names one stream for the life of the process: never used again after it closed.
class ConnectionId {
 public:
  explicit constexpr ConnectionId(std::uint64_t value) : value_(value) {}
  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }
  friend constexpr auto operator<=>(ConnectionId, ConnectionId) = default;

 private:
  std::uint64_t value_;
};

struct ConnectionInfo {
  ConnectionId id;
  Exporter exporter;           ///< zeros in plain mode (a trusted proxy holds the TLS session)
  std::string tls_group;       ///< as negotiated, "X25519MLKEM768"; empty in plain mode
  std::string remote_address;  ///< without port; the proxy's X-Forwarded-For entry in plain mode; "unix"
};

/// Receives what the streams of one listener do. All calls come from the loop's thread, never from inside a
/// call into the listener. Each on_open is followed by exactly one on_close, unless the listener is
/// destroyed.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  virtual void on_open(const ConnectionInfo& info) = 0;
  /// The view is valid during the call.
  virtual void on_message(ConnectionId id, ByteView message) = 0;
  /// Nothing can be sent any more. After close(id) no message of that stream is delivered.
  virtual void on_close(ConnectionId id, TransportError reason) = 0;
  /// All messages that were readable in this turn of the loop have been delivered; what is sent now leaves in
  /// the same write as the answers before it.
  virtual void on_turn_end() {}
  /// Everything sent to this stream is with the kernel, after some of it had to wait.
  virtual void on_writable(ConnectionId) {}
};

struct ListenerOptions {
  Endpoint endpoint;
  /// Several listeners (one per core) bind the same TCP port; the kernel spreads connections.
  bool share_port = false;
  /// The top 16 bits of this listener's connection ids, so that ids of all loops differ.
  std::uint16_t loop_index = 0;

  std::string stream_path = "/v1/stream";
  /// Requests to stream_path that do not ask for an upgrade are answered by the HttpHandler, not refused.
  bool answers_on_stream_path = false;
  MessageType stream_messages = MessageType::binary;
  /// Named in the answer to an upgrade whose Sec-WebSocket-Protocol offers it; empty: none is.
  std::string subprotocol;
  /// Refuse the stream over a classical TLS group. No effect in plain mode: the proxy's affair.
  bool require_post_quantum = true;
  /// Asked before an upgrade; a response refuses it (an agent checks its token and Origin here).
  std::function<std::optional<HttpResponse>(const HttpRequest&)> admit_stream;

  DurationMs handshake_timeout = seconds(10);  ///< TLS, from accept
  DurationMs request_timeout = seconds(10);    ///< a whole HTTP request; also idle keep-alive
  DurationMs ping_interval = seconds(60);      ///< of silence before a ping; below NAT and proxy time-outs
  DurationMs pong_timeout = seconds(20);       ///< silence after the ping before the stream is given up
  DurationMs close_timeout = seconds(2);       ///< for the peer to take our close before the socket goes

  std::size_t max_connections = 120'000;     ///< goal P5's 100,000 and headroom; more are refused at accept
  std::size_t max_handshakes = 4'096;        ///< TLS handshakes in flight; more wait in the kernel's queue
  std::size_t max_message_octets = 1 << 20;  ///< per message, until set_message_limit()
  std::size_t max_unsent_octets = 4 << 20;   ///< per stream; more unsent output is slow_consumer
  std::size_t max_http_body_octets = 1 << 20;
  /// Asked for each request once its header is known: who takes a body that is not to be in memory, of any
  /// length. It answers in the place of the HttpHandler.
  BodyTaker take_body;
  /// In plain mode the address of a request is what a proxy wrote into X-Forwarded-For. False: always the
  /// socket's, where anybody may connect and the address counts.
  bool behind_proxy = true;
};

/// For metrics. Counters start at zero with the listener.
struct ListenerCounts {
  std::size_t connections = 0;  ///< open sockets, streams included
  std::size_t streams = 0;
  std::size_t handshakes = 0;  ///< in flight
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;          ///< over max_connections
  std::uint64_t accept_failures = 0;  ///< no descriptors or memory; retried after a pause
  std::uint64_t http_requests = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t messages_sent = 0;
  std::array<std::uint64_t, kTransportErrorCount> ended{};  ///< connections, by TransportError
};

class ListenerCore;

/// Use from the io_context's thread only. Destroying it drops all connections without further calls.
class Listener {
 public:
  /// Binds and begins to accept. `tls` empty: plain mode, for a trusted proxy or loopback. `handler` null: no
  /// streams (a metrics endpoint). io_context and handler must outlive the listener.
  /// Errors: address_unusable, library_failure.
  static TransportResult<std::unique_ptr<Listener>> start(boost::asio::io_context& context,
                                                          ListenerOptions options,
                                                          std::optional<TlsServerContext> tls,
                                                          HttpHandler http, ConnectionHandler* handler);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Queues a message; it is written at the end of this turn with everything else for that stream. False when
  /// the stream is gone or this message put it over max_unsent_octets (on_close follows).
  bool send(ConnectionId id, ByteView message);
  /// Octets queued and not yet taken by the kernel; 0 for an unknown stream.
  [[nodiscard]] std::size_t unsent(ConnectionId id) const;
  /// Sends what is queued, then a close frame. on_close(closed_locally) follows at the end of this turn.
  void close(ConnectionId id, CloseCode code);
  /// Raises or lowers the message limit of one stream, for example once its peer has authenticated.
  void set_message_limit(ConnectionId id, std::size_t octets);

  /// New handshakes use it; established connections keep theirs. Precondition: started with TLS.
  void replace_tls(TlsServerContext tls);
  void stop_accepting();
  /// stop_accepting(), then closes every stream with 1001 after its queued output and every other connection,
  /// and calls `done` once nothing is left or `deadline` has passed and the rest was dropped.
  void stop(DurationMs deadline, std::function<void()> done);

  /// The bound TCP port; 0 for a unix socket.
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] ListenerCounts counts() const;

 private:
  explicit Listener(std::shared_ptr<ListenerCore> core) : core_(std::move(core)) {}
  std::shared_ptr<ListenerCore> core_;
};

}  // namespace sotto::transport

template <>
struct std::hash<sotto::transport::ConnectionId> {
  std::size_t operator()(sotto::transport::ConnectionId id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value());
  }
};

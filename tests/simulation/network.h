// The simulated network between devices and the one server. A connection is what TLS over TCP is: each
// direction delivers whole frames in order, or the connection breaks. When it breaks, frames on their way are
// lost, and both sides learn of it at different times or, until then, talk into a half-open connection.
// Beside that: single requests over HTTP, each of which is answered once or comes to nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "bytes/bytes.h"
#include "dice.h"
#include "schedule.h"
#include "transcript.h"
#include "transport/http.h"
#include "transport/listener.h"

namespace sotto::simulation {

using transport::ConnectionId;

/// Empty: the request came to nothing, and what was asked may have been done or not.
using HttpDone = std::function<void(const transport::HttpAnswer*)>;

/// A device's end.
class DeviceEnd {
 public:
  virtual ~DeviceEnd() = default;
  virtual void on_connected(ConnectionId id, const transport::Exporter& channel) = 0;
  virtual void on_frame(ConnectionId id, ByteView frame) = 0;
  /// The connection ended, or could not be made.
  virtual void on_disconnected(ConnectionId id) = 0;
};

/// The server's end.
class ServerEnd {
 public:
  virtual ~ServerEnd() = default;
  virtual void on_open(const transport::ConnectionInfo& info) = 0;
  virtual void on_frame(ConnectionId id, ByteView frame) = 0;
  virtual void on_close(ConnectionId id) = 0;
  /// Of a reply `body` is all there is, as a connection carries it; `long_body` is not used.
  virtual void on_http(const transport::HttpRequest& request, transport::HttpReply reply) = 0;
};

class Network {
 public:
  Network(Schedule& schedule, Dice dice, Transcript& transcript)
      : schedule_(schedule), dice_(std::move(dice)), transcript_(transcript) {}

  // The device's side. `host` is where it is, for partitions and the transcript.
  ConnectionId connect(DeviceEnd& device, const std::string& host);
  void send_to_server(ConnectionId id, Bytes frame);
  /// An orderly end after what was sent.
  void close_from_device(ConnectionId id);
  /// The process is gone: nothing is reported to it any more. The server learns of it sooner or later.
  void device_died(ConnectionId id);

  /// `done` is called once, unless the answer comes after the patience of whoever asks.
  void ask(const std::string& host, transport::HttpRequest request, HttpDone done);

  // The server's side.
  void serve(ServerEnd& server) { server_ = &server; }
  void send_to_device(ConnectionId id, Bytes frame);
  void close_from_server(ConnectionId id);
  void server_died();

  // Faults.
  /// Cuts one direction now and the other a little later, without a word to either side.
  void cut(ConnectionId id);
  /// Octets on the way change: TLS notices at the receiving end, which closes.
  void corrupt(ConnectionId id);
  /// So many of the host's next requests are lost, or their answers are.
  void lose_next_requests(const std::string& host, std::uint64_t count);
  /// No connection of this host lives or can be made until heal().
  void isolate(const std::string& host);
  void heal(const std::string& host) { isolated_.erase(host); }
  void heal_all() {
    isolated_.clear();
    to_lose_.clear();
  }

  [[nodiscard]] std::size_t frames_on_their_way() const { return frames_on_their_way_; }

 private:
  struct Direction {
    UnixMs last_arrival;
    bool cut = false;
  };
  struct Connection {
    std::string host;
    DeviceEnd* device = nullptr;  ///< null once this end is closed
    bool server = false;          ///< the server's end is open
    Direction to_server;
    Direction to_device;
  };

  struct Exchange {
    std::string host;
    HttpDone done;
  };
  /// Where a request is lost.
  enum class Loss : std::uint8_t { none, request, answer };

  Loss next_loss(const std::string& host);
  void reach_server(std::uint64_t exchange, const transport::HttpRequest& request, Loss loss);
  void reach_device(std::uint64_t exchange, transport::HttpResponse response);
  DurationMs trip();
  Connection* find(ConnectionId id);
  UnixMs arrival(Direction& direction);
  void accept(ConnectionId id);
  void server_learns(ConnectionId id, UnixMs when);
  void device_learns(ConnectionId id, UnixMs when);
  void lose(ConnectionId id);

  Schedule& schedule_;
  Dice dice_;
  Transcript& transcript_;
  ServerEnd* server_ = nullptr;  ///< null while it is down
  std::map<ConnectionId, Connection> connections_;
  std::map<std::uint64_t, Exchange> exchanges_;
  std::set<std::string> isolated_;
  std::map<std::string, std::uint64_t> to_lose_;  ///< requests, by host
  std::uint64_t last_id_ = 0;
  std::uint64_t last_exchange_ = 0;
  std::size_t frames_on_their_way_ = 0;
};

}  // namespace sotto::simulation

// A connection to the audited server: whom to trust at the TLS layer, and words for what went wrong. Not
// concerned with what is said over it, or with when to try again.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "outcome.h"
#include "transport/client_connection.h"

namespace sotto::audit_cli {

struct ServerAddress {
  std::string host;
  std::uint16_t port = 0;
  /// The TLS key that it has to show at the first contact; none: the one seen first is trusted.
  std::optional<transport::SpkiPin> pin;
};
/// "host:port", "[ipv6]:port"; pin: 64 hexadecimal digits or empty.
Outcome<ServerAddress> parse_server(const std::string& server, const std::string& pin);

class ServerLine final : private transport::ClientConnectionHandler {
 public:
  struct Events {
    std::function<void(const std::optional<transport::SpkiPin>& tls_key)> opened;
    std::function<void(ByteView message)> received;
    /// Why the connection, or the attempt, ended. Not after hang_up().
    std::function<void(const std::string& why)> closed;
  };

  ServerLine(boost::asio::io_context& context, ServerAddress address, Events events);
  ~ServerLine() override;

  /// `identity_known`: the server's identity is pinned and vouches for its TLS key, so any is tried; what the
  /// identity says has to be checked by whoever hears opened().
  void connect(bool identity_known);
  void send(ByteView message);
  void hang_up();
  [[nodiscard]] bool busy() const { return connection_ != nullptr; }

 private:
  void on_open(const transport::ClientConnectionInfo& info) override;
  void on_message(ByteView message) override;
  void on_close(const transport::ConnectionEnd& end) override;
  bool trust_seen_key(const transport::ConnectionEnd& end);

  boost::asio::io_context& context_;
  ServerAddress address_;
  Events events_;
  std::unique_ptr<transport::ClientConnection> connection_;
  std::optional<transport::SpkiPin> trusted_;  ///< a key that was seen and may be tried
  bool identity_known_ = false;
  bool open_ = false;
};

}  // namespace sotto::audit_cli

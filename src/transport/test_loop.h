// What the transport tests share: an event loop with a limit, recording handlers, a listener on loopback.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport/client_connection.h"
#include "transport/listener.h"

namespace sotto::transport::testing {

/// Longer than anything takes here, even under sanitizers on a busy machine.
inline constexpr std::chrono::seconds kPatience{60};
/// 2026-01-01T00:00:00Z.
inline constexpr UnixMs kNow{1'767'225'600'000};

/// Runs the loop until `condition` holds; false when it never does.
inline bool run_until(boost::asio::io_context& context, const std::function<bool()>& condition) {
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    context.restart();
    context.run_one_until(limit);
    if (std::chrono::steady_clock::now() >= limit) return condition();
  }
  return true;
}

/// Remembers everything; echoes each message when told to.
class RecordingHandler : public ConnectionHandler {
 public:
  void on_open(const ConnectionInfo& info) override { opened.push_back(info); }
  void on_message(ConnectionId id, ByteView message) override {
    messages.push_back(to_bytes(message));
    if (echo_through != nullptr) echo_through->send(id, message);
  }
  void on_close(ConnectionId id, TransportError reason) override { closed.emplace_back(id, reason); }
  void on_turn_end() override { ++turns; }
  void on_writable(ConnectionId) override { ++writable; }

  std::vector<ConnectionInfo> opened;
  std::vector<Bytes> messages;
  std::vector<std::pair<ConnectionId, TransportError>> closed;
  int turns = 0;
  int writable = 0;
  Listener* echo_through = nullptr;
};

class RecordingClient : public ClientConnectionHandler {
 public:
  void on_open(const ClientConnectionInfo& opened) override { info = opened; }
  void on_message(ByteView message) override { messages.push_back(to_bytes(message)); }
  void on_close(const ConnectionEnd& ended) override { end = ended; }
  void on_turn_end() override { ++turns; }

  std::optional<ClientConnectionInfo> info;
  std::vector<Bytes> messages;
  std::optional<ConnectionEnd> end;
  int turns = 0;
};

/// One certificate for all tests of a process.
inline const ServerCertificate& test_certificate() {
  static const ServerCertificate certificate =
      ServerCertificate::self_signed({"localhost", "127.0.0.1"}, kNow, days(36'500)).value();
  return certificate;
}

inline Bytes pattern(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 7 + (i >> 8));
  return out;
}

class LoopbackTest : public ::testing::Test {
 protected:
  /// TLS on 127.0.0.1 unless told otherwise; /healthz answers "ok".
  void listen(ListenerOptions options = {}, bool tls = true, TlsServerOptions tls_options = {}) {
    if (std::holds_alternative<TcpEndpoint>(options.endpoint)) options.endpoint = TcpEndpoint{"127.0.0.1", 0};
    std::optional<TlsServerContext> context;
    if (tls) context = TlsServerContext::create(test_certificate(), tls_options).value();
    auto started = Listener::start(loop, std::move(options), context, at_once(answer), &server);
    ASSERT_TRUE(started) << describe(started.error());
    listener = std::move(*started);
  }
  static HttpResponse answer(const HttpRequest& request) {
    HttpResponse response;
    if (request.path() == "/healthz") {
      response.body = "ok\n";
    } else if (request.path() == "/echo") {
      response.body = request.body;
    } else if (request.path() == "/who") {
      response.body = request.remote_address;
    } else if (request.path() == "/throw") {
      throw std::runtime_error("handler");
    } else {
      response.status = 404;
    }
    return response;
  }
  [[nodiscard]] ClientOptions client_options() const {
    ClientOptions options;
    options.endpoint = TcpEndpoint{"127.0.0.1", listener->port()};
    return options;
  }
  static TlsClientContext pinned(SpkiPin pin = test_certificate().pin()) {
    return TlsClientContext::create(PinnedKeys{{pin}}).value();
  }
  std::unique_ptr<ClientConnection> connect(RecordingClient& handler) {
    return ClientConnection::open(loop, client_options(), pinned(), handler);
  }
  bool until(const std::function<bool()>& condition) { return run_until(loop, condition); }
  [[nodiscard]] std::uint64_t ended(TransportError reason) const {
    return listener->counts().ended.at(static_cast<std::size_t>(reason));
  }

  boost::asio::io_context loop{1};
  RecordingHandler server;
  std::unique_ptr<Listener> listener;
};

}  // namespace sotto::transport::testing

// What the client does with servers that are broken, slow or hostile.
#include "transport/raw_peer.h"
#include "transport/test_loop.h"

namespace sotto::transport {
namespace {

using testing::RawPeer;
using testing::RecordingClient;

class ClientEdge : public ::testing::Test {
 protected:
  ClientEdge() : acceptor_(*open_listening_socket(TcpEndpoint{"127.0.0.1", 0}, false)) {
    options.endpoint = TcpEndpoint{"127.0.0.1", bound_port(acceptor_.get())};
  }
  void connect(bool tls = false) {
    std::optional<TlsClientContext> context;
    if (tls) context = TlsClientContext::create(PinnedKeys{{SpkiPin{}}}).value();
    client = ClientConnection::open(loop, options, context, handler);
    ASSERT_TRUE(until([&] {
      const int socket = ::accept4(acceptor_.get(), nullptr, nullptr, SOCK_NONBLOCK);
      if (socket >= 0) server = RawPeer(FileDescriptor(socket));
      return socket >= 0;
    }));
  }
  /// Answers the upgrade as a server would, with `more` in the same segment.
  void agree(std::string_view more = {}) {
    ASSERT_TRUE(until([&] { return server.has("\r\n\r\n"); }));
    HttpRequestReader reader(0);
    ASSERT_TRUE(*reader.feed(as_bytes(server.received)));
    server.received.clear();
    server.send(*accept_upgrade(reader.take()) + std::string(more));
    if (more.empty()) ASSERT_TRUE(until([&] { return handler.info.has_value(); }));
  }
  bool until(const std::function<bool()>& condition) { return testing::run_until(loop, condition); }
  TransportError end() {
    EXPECT_TRUE(until([&] { return handler.end.has_value(); }));
    return handler.end ? handler.end->reason : TransportError::library_failure;
  }

  boost::asio::io_context loop{1};
  FileDescriptor acceptor_;
  ClientOptions options;
  RecordingClient handler;
  RawPeer server;
  std::unique_ptr<ClientConnection> client;
};

TEST_F(ClientEdge, GivesUpOnAServerThatNeverAnswers) {
  options.connect_timeout = {20};
  connect(/*tls=*/true);
  EXPECT_EQ(end(), TransportError::timed_out);
}

TEST_F(ClientEdge, GivesUpOnAnUpgradeThatNeverAnswers) {
  options.connect_timeout = {20};
  connect();
  EXPECT_EQ(end(), TransportError::timed_out);
}

TEST_F(ClientEdge, ReportsAServerThatDoesNotSpeakTls) {
  options.close_timeout = {20};
  connect(/*tls=*/true);
  server.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  EXPECT_EQ(end(), TransportError::tls_failed);
  EXPECT_FALSE(handler.end->detail.empty());
  EXPECT_EQ(handler.end->server_pin, std::nullopt);
}

TEST_F(ClientEdge, ReportsAServerThatLeavesInTheHandshake) {
  connect(/*tls=*/true);
  server.close();
  EXPECT_EQ(end(), TransportError::connection_lost);
}

TEST_F(ClientEdge, ReportsAServerThatLeavesInTheUpgrade) {
  connect();
  server.finish_sending();
  EXPECT_EQ(end(), TransportError::connection_lost);
}

TEST_F(ClientEdge, ReportsAnAnswerThatIsNotAnUpgrade) {
  options.close_timeout = {20};
  connect();
  server.send("HTTP/1.1 503 Service Unavailable\r\n\r\n");
  EXPECT_EQ(end(), TransportError::upgrade_refused);
  EXPECT_EQ(handler.end->detail, "HTTP status 503 Service Unavailable");
}

TEST_F(ClientEdge, SendsTheRequestItsOptionsSay) {
  options.server_name = "chat.example";
  options.stream_path = "/x";
  connect();
  ASSERT_TRUE(until([&] { return server.has("\r\n\r\n"); }));
  EXPECT_TRUE(server.received.starts_with("GET /x HTTP/1.1\r\nHost: chat.example:")) << server.received;
}

TEST_F(ClientEdge, DeliversFramesThatCameWithTheAgreement) {
  connect();
  agree(std::string_view("\x82\x02hi\x82\x01", 6));
  server.send("!");
  ASSERT_TRUE(until([&] { return handler.messages.size() == 2; }));
  EXPECT_EQ(as_chars(handler.messages[0]), "hi");
  EXPECT_EQ(as_chars(handler.messages[1]), "!");
}

TEST_F(ClientEdge, MasksEveryFrameWithAnotherKey) {
  connect();
  agree();
  client->send(as_bytes("aaaa"));
  client->send(as_bytes("aaaa"));
  ASSERT_TRUE(until([&] {
    server.poll();
    return server.received.size() == 20;
  }));
  EXPECT_EQ(server.received.substr(0, 2), "\x82\x84");
  EXPECT_NE(server.received.substr(2, 4), server.received.substr(12, 4));
}

TEST_F(ClientEdge, ClosesBrokenStreams) {
  options.close_timeout = {20};
  connect();
  agree(std::string_view("\x82\x80\0\0\0\0", 6));
  EXPECT_EQ(end(), TransportError::protocol_error);
  server.poll();
  EXPECT_EQ(server.received.substr(0, 2), "\x88\x82") << "a masked close frame";
}

TEST_F(ClientEdge, ClosesOnTextMessages) {
  options.close_timeout = {20};
  connect();
  agree(std::string_view("\x81\x02hi", 4));
  EXPECT_EQ(end(), TransportError::unsupported_data);
}

TEST_F(ClientEdge, PingsASilentServerAndThenGivesItUp) {
  options.ping_interval = {20};
  options.pong_timeout = {20};
  connect();
  agree();
  EXPECT_EQ(end(), TransportError::timed_out);
  server.poll();
  EXPECT_EQ(server.received.substr(0, 2), "\x89\x80");
}

TEST_F(ClientEdge, ClosesWithinItsTimeoutWhenTheServerDoesNotAnswer) {
  options.close_timeout = {20};
  connect();
  agree();
  client->close();
  EXPECT_EQ(end(), TransportError::closed_locally);
  EXPECT_TRUE(server.is_gone());
}

TEST_F(ClientEdge, CanBeClosedWhileItConnects) {
  connect(/*tls=*/true);
  client->close();
  EXPECT_FALSE(client->send(as_bytes("x")));
  EXPECT_EQ(end(), TransportError::closed_locally);
}

TEST_F(ClientEdge, ReportsAConnectionResetWhileSending) {
  connect();
  agree();
  server.close();
  ASSERT_TRUE(until([&] {
    client->send(Bytes(10'000));
    return handler.end.has_value();
  }));
  EXPECT_EQ(handler.end->reason, TransportError::connection_lost);
}

}  // namespace
}  // namespace sotto::transport

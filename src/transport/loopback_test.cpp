// Our client against our listener, over real sockets.
#include <unistd.h>

#include <filesystem>

#include "paths/test_folder.h"
#include "transport/socket.h"
#include "transport/test_loop.h"

namespace sotto::transport {
namespace {

using testing::LoopbackTest;
using testing::pattern;
using testing::RecordingClient;
using testing::test_certificate;

class Loopback : public LoopbackTest {};

TEST_F(Loopback, AgreesOnAPostQuantumGroupAndTheSameExporterOnBothSides) {
  listen();
  RecordingClient handler;
  const auto client = connect(handler);
  ASSERT_TRUE(until([&] { return handler.info && !server.opened.empty(); }));
  EXPECT_EQ(handler.info->tls_group, "X25519MLKEM768");
  EXPECT_EQ(server.opened[0].tls_group, "X25519MLKEM768");
  EXPECT_EQ(handler.info->exporter, server.opened[0].exporter);
  EXPECT_NE(handler.info->exporter, Exporter{});
  EXPECT_EQ(handler.info->server_pin, test_certificate().pin());
  EXPECT_EQ(server.opened[0].remote_address, "127.0.0.1");
}

TEST_F(Loopback, GivesEveryConnectionItsOwnExporterAndId) {
  listen();
  RecordingClient first;
  RecordingClient second;
  const auto a = connect(first);
  const auto b = connect(second);
  ASSERT_TRUE(until([&] { return server.opened.size() == 2 && first.info && second.info; }));
  EXPECT_NE(first.info->exporter, second.info->exporter);
  EXPECT_LT(server.opened[0].id, server.opened[1].id);
}

TEST_F(Loopback, CarriesMessagesOfAllSizesBothWaysInOrder) {
  listen();
  server.echo_through = listener.get();
  RecordingClient handler;
  const auto client = connect(handler);
  ASSERT_TRUE(until([&] { return handler.info.has_value(); }));
  std::vector<Bytes> sent;
  for (const std::size_t size : {0UL, 1UL, 125UL, 126UL, 127UL, 65'535UL, 65'536UL, 300'000UL, 1'048'576UL}) {
    sent.push_back(pattern(size));
    EXPECT_TRUE(client->send(sent.back()));
  }
  ASSERT_TRUE(until([&] { return handler.messages.size() == sent.size() || handler.end; }));
  EXPECT_EQ(server.messages, sent);
  EXPECT_EQ(handler.messages, sent);
}

TEST_F(Loopback, GathersTheMessagesOfOneTurn) {
  listen();
  RecordingClient handler;
  const auto client = connect(handler);
  ASSERT_TRUE(until([&] { return handler.info.has_value(); }));
  constexpr std::size_t kMessages = 500;
  for (std::size_t i = 0; i < kMessages; ++i) client->send(pattern(20));
  ASSERT_TRUE(until([&] { return server.messages.size() == kMessages; }));
  EXPECT_LE(server.turns, 10);
  EXPECT_EQ(listener->counts().messages_received, kMessages);
}

TEST_F(Loopback, RefusesAServerWhoseKeyIsNotPinnedAndReportsTheKeyItShowed) {
  listen();
  RecordingClient handler;
  const auto client = ClientConnection::open(loop, client_options(), pinned(SpkiPin{1, 2, 3}), handler);
  ASSERT_TRUE(until([&] { return handler.end && ended(TransportError::tls_failed) == 1; }));
  EXPECT_EQ(handler.end->reason, TransportError::certificate_mismatch);
  EXPECT_EQ(handler.end->server_pin, test_certificate().pin());
  EXPECT_FALSE(handler.info);
  EXPECT_TRUE(server.opened.empty());
}

TEST_F(Loopback, RefusesASelfSignedCertificateUnderAuthorityTrust) {
  listen();
  RecordingClient handler;
  const auto trust = TlsClientContext::create(AuthorityTrust{});
  ASSERT_TRUE(trust);
  const auto client = ClientConnection::open(loop, client_options(), *trust, handler);
  ASSERT_TRUE(until([&] { return handler.end.has_value(); }));
  EXPECT_EQ(handler.end->reason, TransportError::certificate_untrusted);
  EXPECT_EQ(handler.end->server_pin, test_certificate().pin());
}

class WithAuthorityFile : public Loopback {
 protected:
  void SetUp() override { ASSERT_TRUE(test_certificate().save(folder_ / "ca.pem", folder_ / "key.pem")); }
  std::optional<TransportError> end_of_attempt(const std::string& name) {
    RecordingClient handler;
    ClientOptions options = client_options();
    options.server_name = name;
    const auto trust = TlsClientContext::create(AuthorityTrust{folder_ / "ca.pem"});
    const auto client = ClientConnection::open(loop, options, *trust, handler);
    until([&] { return handler.end || handler.info; });
    return handler.info ? std::nullopt : std::optional(handler.end->reason);
  }
  paths::TestFolder folder_;
};

TEST_F(WithAuthorityFile, TrustsTheCertificateUnderItsNamesOnly) {
  listen();
  EXPECT_EQ(end_of_attempt("localhost"), std::nullopt);
  EXPECT_EQ(end_of_attempt("127.0.0.1"), std::nullopt);
  EXPECT_EQ(end_of_attempt("example.org"), TransportError::certificate_untrusted);
  EXPECT_EQ(end_of_attempt("127.0.0.2"), TransportError::certificate_untrusted);
}

TEST_F(Loopback, ReportsAPortWhereNothingListens) {
  listen();
  const ClientOptions options = client_options();
  listener.reset();
  RecordingClient handler;
  const auto client = ClientConnection::open(loop, options, pinned(), handler);
  ASSERT_TRUE(until([&] { return handler.end.has_value(); }));
  EXPECT_EQ(handler.end->reason, TransportError::unreachable);
}

TEST_F(Loopback, ReportsANameWithoutAddress) {
  listen();
  RecordingClient handler;
  ClientOptions options = client_options();
  options.endpoint = TcpEndpoint{"no-such-host.invalid", 443};
  const auto client = ClientConnection::open(loop, options, pinned(), handler);
  ASSERT_TRUE(until([&] { return handler.end.has_value(); }));
  EXPECT_EQ(handler.end->reason, TransportError::dns_failed);
}

TEST_F(Loopback, ConnectsByHostName) {
  listen();
  RecordingClient handler;
  ClientOptions options = client_options();
  options.endpoint = TcpEndpoint{"localhost", listener->port()};
  const auto client = ClientConnection::open(loop, options, pinned(), handler);
  ASSERT_TRUE(until([&] { return handler.info || handler.end; }));
  EXPECT_TRUE(handler.info) << handler.end->detail;
}

TEST_F(Loopback, ReportsARefusedUpgradeWithItsStatus) {
  ListenerOptions options;
  options.admit_stream = [](const HttpRequest&) {
    HttpResponse response;
    response.status = 401;
    return response;
  };
  listen(options);
  RecordingClient handler;
  const auto client = connect(handler);
  ASSERT_TRUE(until([&] { return handler.end && ended(TransportError::upgrade_refused) == 1; }));
  EXPECT_EQ(handler.end->reason, TransportError::upgrade_refused);
  EXPECT_EQ(handler.end->detail, "HTTP status 401 Unauthorized");
}

TEST_F(Loopback, ClosesInOrderFromTheClient) {
  listen();
  RecordingClient handler;
  const auto client = connect(handler);
  ASSERT_TRUE(until([&] { return handler.info.has_value(); }));
  client->send(pattern(100));
  client->close();
  EXPECT_FALSE(client->send(pattern(1)));
  ASSERT_TRUE(until([&] { return handler.end && !server.closed.empty(); }));
  EXPECT_EQ(handler.end->reason, TransportError::closed_locally);
  EXPECT_EQ(server.closed[0], std::pair(server.opened[0].id, TransportError::closed_by_peer));
  EXPECT_EQ(server.messages.size(), 1U);
}

TEST_F(Loopback, ClosesInOrderFromTheServerAfterWhatItSent) {
  listen();
  RecordingClient handler;
  const auto client = connect(handler);
  ASSERT_TRUE(until([&] { return handler.info && !server.opened.empty(); }));
  const ConnectionId id = server.opened[0].id;
  EXPECT_TRUE(listener->send(id, pattern(100'000)));
  listener->close(id, static_cast<CloseCode>(4001));
  EXPECT_TRUE(server.closed.empty()) << "on_close must not come from inside close()";
  EXPECT_FALSE(listener->send(id, pattern(1)));
  ASSERT_TRUE(until([&] { return handler.end && listener->counts().connections == 0; }));
  EXPECT_EQ(handler.messages, std::vector<Bytes>(1, pattern(100'000)));
  EXPECT_EQ(handler.end->reason, TransportError::closed_by_peer);
  EXPECT_EQ(handler.end->close_code, static_cast<CloseCode>(4001));
  EXPECT_EQ(server.closed, (std::vector{std::pair(id, TransportError::closed_locally)}));
}

TEST_F(Loopback, ClosesAnOversizeMessageWithItsCodeOnBothSides) {
  ListenerOptions options;
  options.max_message_octets = 1000;
  listen(options);
  RecordingClient handler;
  const auto client = connect(handler);
  ASSERT_TRUE(until([&] { return handler.info.has_value(); }));
  client->send(pattern(1000));
  client->send(pattern(1'000'000));
  ASSERT_TRUE(until([&] { return handler.end && !server.closed.empty(); }));
  EXPECT_EQ(server.messages.size(), 1U);
  EXPECT_EQ(server.closed[0].second, TransportError::too_large);
  EXPECT_EQ(handler.end->reason, TransportError::closed_by_peer);
  EXPECT_EQ(handler.end->close_code, CloseCode::too_large);
}

TEST_F(Loopback, RaisesTheMessageLimitOfOneStream) {
  ListenerOptions options;
  options.max_message_octets = 10;
  listen(options);
  RecordingClient handler;
  const auto client = connect(handler);
  ASSERT_TRUE(until([&] { return handler.info && !server.opened.empty(); }));
  listener->set_message_limit(server.opened[0].id, 1000);
  client->send(pattern(1000));
  ASSERT_TRUE(until([&] { return !server.messages.empty() || handler.end; }));
  EXPECT_EQ(server.messages.size(), 1U);
}

TEST_F(Loopback, ClientRefusesAnOversizeMessage) {
  listen();
  RecordingClient handler;
  ClientOptions options = client_options();
  options.max_message_octets = 99;
  const auto client = ClientConnection::open(loop, options, pinned(), handler);
  ASSERT_TRUE(until([&] { return handler.info && !server.opened.empty(); }));
  listener->send(server.opened[0].id, pattern(100));
  ASSERT_TRUE(until([&] { return handler.end && !server.closed.empty(); }));
  EXPECT_EQ(handler.end->reason, TransportError::too_large);
  EXPECT_EQ(server.closed[0].second, TransportError::closed_by_peer);
}

TEST_F(Loopback, KeepsAQuietStreamAliveWithPings) {
  ListenerOptions options;
  options.ping_interval = {20};
  options.pong_timeout = seconds(30);
  listen(options);
  RecordingClient handler;
  ClientOptions quiet = client_options();
  quiet.ping_interval = {15};
  const auto client = ClientConnection::open(loop, quiet, pinned(), handler);
  ASSERT_TRUE(until([&] { return handler.info.has_value(); }));
  const auto limit = std::chrono::steady_clock::now() + std::chrono::milliseconds(150);
  until([&] { return handler.end || std::chrono::steady_clock::now() > limit; });
  EXPECT_FALSE(handler.end);
  EXPECT_EQ(listener->counts().streams, 1U);
}

TEST_F(Loopback, StopTellsEveryStreamAndFinishesWhenTheyHaveGone) {
  listen();
  RecordingClient first;
  RecordingClient second;
  const auto a = connect(first);
  const auto b = connect(second);
  ASSERT_TRUE(until([&] { return server.opened.size() == 2 && first.info && second.info; }));
  listener->send(server.opened[0].id, pattern(50'000));
  listener->send(server.opened[1].id, pattern(50'000));
  bool done = false;
  listener->stop(seconds(30), [&] { done = true; });
  ASSERT_TRUE(until([&] { return done && first.end && second.end; }));
  EXPECT_EQ(first.end->close_code, CloseCode::going_away);
  EXPECT_EQ(first.messages.size(), 1U);
  EXPECT_EQ(second.messages.size(), 1U);
  ASSERT_EQ(server.closed.size(), 2U);
  EXPECT_EQ(server.closed[0].second, TransportError::shutting_down);
  EXPECT_EQ(listener->counts().connections, 0U);
  RecordingClient late;
  const auto c = ClientConnection::open(loop, client_options(), pinned(), late);
  ASSERT_TRUE(until([&] { return late.end.has_value(); }));
  EXPECT_EQ(late.end->reason, TransportError::unreachable);
}

TEST_F(Loopback, StopWithoutConnectionsFinishesAtOnce) {
  listen();
  bool done = false;
  listener->stop(seconds(30), [&] { done = true; });
  EXPECT_TRUE(until([&] { return done; }));
}

TEST_F(Loopback, DestroyingTheClientDropsTheStream) {
  listen();
  RecordingClient handler;
  auto client = connect(handler);
  ASSERT_TRUE(until([&] { return handler.info && !server.opened.empty(); }));
  client.reset();
  ASSERT_TRUE(until([&] { return !server.closed.empty(); }));
  EXPECT_EQ(server.closed[0].second, TransportError::connection_lost);
  EXPECT_FALSE(handler.end);
}

TEST_F(Loopback, DestroyingTheListenerDropsTheStreamWithoutCalls) {
  listen();
  RecordingClient handler;
  const auto client = connect(handler);
  ASSERT_TRUE(until([&] { return handler.info && !server.opened.empty(); }));
  listener.reset();
  ASSERT_TRUE(until([&] { return handler.end.has_value(); }));
  EXPECT_EQ(handler.end->reason, TransportError::connection_lost);
  EXPECT_TRUE(server.closed.empty());
}

TEST_F(Loopback, ClientMayBeDestroyedFromItsOwnCallback) {
  listen();
  struct SelfDestroying final : RecordingClient {
    void on_message(ByteView) override { connection.reset(); }
    std::unique_ptr<ClientConnection> connection;
  } handler;
  handler.connection = connect(handler);
  ASSERT_TRUE(until([&] { return !server.opened.empty(); }));
  listener->send(server.opened[0].id, pattern(10));
  ASSERT_TRUE(until([&] { return !server.closed.empty(); }));
  EXPECT_FALSE(handler.connection);
}

TEST_F(Loopback, ClosesAPeerThatDoesNotReadAsSlowConsumer) {
  ListenerOptions options;
  options.max_unsent_octets = 1 << 20;
  listen(options);
  // A client whose loop does not run reads nothing.
  boost::asio::io_context asleep{1};
  RecordingClient handler;
  const auto client = ClientConnection::open(asleep, client_options(), pinned(), handler);
  while (!handler.info) {
    asleep.poll_one();
    loop.poll_one();
  }
  ASSERT_TRUE(until([&] { return !server.opened.empty(); }));
  const ConnectionId id = server.opened[0].id;
  bool refused = false;
  for (int i = 0; i < 1000 && !refused; ++i) {
    refused = !listener->send(id, pattern(100'000));
    loop.poll();
  }
  EXPECT_TRUE(refused);
  ASSERT_TRUE(until([&] { return !server.closed.empty(); }));
  EXPECT_EQ(server.closed[0], std::pair(id, TransportError::slow_consumer));
  EXPECT_EQ(listener->unsent(id), 0U);
}

TEST_F(Loopback, TellsWhenABlockedStreamHasDrained) {
  ListenerOptions options;
  options.max_unsent_octets = 64 << 20;
  listen(options);
  boost::asio::io_context asleep{1};
  RecordingClient handler;
  ClientOptions roomy = client_options();
  const auto client = ClientConnection::open(asleep, roomy, pinned(), handler);
  while (!handler.info) {
    asleep.poll_one();
    loop.poll_one();
  }
  ASSERT_TRUE(until([&] { return !server.opened.empty(); }));
  for (int i = 0; i < 200; ++i) listener->send(server.opened[0].id, pattern(100'000));
  loop.poll();
  ASSERT_GT(listener->unsent(server.opened[0].id), 0U);
  EXPECT_EQ(server.writable, 0);
  ASSERT_TRUE(until([&] {
    asleep.poll();
    return server.writable == 1 && handler.messages.size() == 200;
  }));
  EXPECT_EQ(listener->unsent(server.opened[0].id), 0U);
}

TEST_F(Loopback, ClientEndsWhenItsOwnQueueOverflows) {
  listen();
  RecordingClient handler;
  ClientOptions small = client_options();
  small.max_unsent_octets = 1000;
  const auto client = ClientConnection::open(loop, small, pinned(), handler);
  ASSERT_TRUE(until([&] { return handler.info.has_value(); }));
  EXPECT_FALSE(client->send(pattern(1000)));
  EXPECT_FALSE(handler.end) << "on_close must not come from inside send()";
  ASSERT_TRUE(until([&] { return handler.end.has_value(); }));
  EXPECT_EQ(handler.end->reason, TransportError::slow_consumer);
}

TEST_F(Loopback, SpeaksPlainOverAUnixSocketAndReplacesAStaleOne) {
  const std::string path = "/tmp/sotto-transport-" + std::to_string(::getpid()) + ".sock";
  // Bound and closed without unlink: what a killed process leaves behind.
  {
    const auto stale = open_listening_socket(UnixEndpoint{path}, false);
  }
  ASSERT_TRUE(std::filesystem::exists(path));
  ListenerOptions options;
  options.endpoint = UnixEndpoint{path};
  listen(options, /*tls=*/false);
  EXPECT_EQ(listener->port(), 0);
  RecordingClient handler;
  ClientOptions client_side;
  client_side.endpoint = UnixEndpoint{path};
  const auto client = ClientConnection::open(loop, client_side, std::nullopt, handler);
  ASSERT_TRUE(until([&] { return handler.info && !server.opened.empty(); }));
  EXPECT_EQ(server.opened[0].remote_address, "unix");
  EXPECT_EQ(server.opened[0].exporter, Exporter{});
  EXPECT_EQ(handler.info->server_pin, std::nullopt);
  const auto second = Listener::start(loop, options, std::nullopt, {}, &server);
  EXPECT_EQ(second.error(), TransportError::address_unusable);
  listener.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Loopback, RefusesAnAddressThatIsTakenOrNotOne) {
  listen();
  ListenerOptions options;
  options.endpoint = TcpEndpoint{"127.0.0.1", listener->port()};
  EXPECT_EQ(Listener::start(loop, options, std::nullopt, {}, nullptr).error(),
            TransportError::address_unusable);
  options.endpoint = TcpEndpoint{"localhost", 0};
  EXPECT_EQ(Listener::start(loop, options, std::nullopt, {}, nullptr).error(),
            TransportError::address_unusable);
}

TEST_F(Loopback, TwoListenersShareAPortAndNeverAnId) {
  ListenerOptions options;
  options.share_port = true;
  options.loop_index = 1;
  listen(options);
  ListenerOptions twin = options;
  twin.endpoint = TcpEndpoint{"127.0.0.1", listener->port()};
  twin.loop_index = 2;
  const auto context = TlsServerContext::create(test_certificate());
  const auto second = Listener::start(loop, twin, *context, {}, &server);
  ASSERT_TRUE(second);
  std::vector<std::unique_ptr<RecordingClient>> handlers;
  std::vector<std::unique_ptr<ClientConnection>> clients;
  for (int i = 0; i < 16; ++i) {
    handlers.push_back(std::make_unique<RecordingClient>());
    clients.push_back(connect(*handlers.back()));
  }
  ASSERT_TRUE(until([&] { return server.opened.size() == 16; }));
  std::map<std::uint64_t, int> seen;
  for (const ConnectionInfo& info : server.opened) ++seen[info.id.value()];
  EXPECT_EQ(seen.size(), 16U);
  for (const auto& [value, count] : seen) EXPECT_TRUE(value >> 48 == 1 || value >> 48 == 2);
}

TEST_F(Loopback, NewConnectionsUseAReplacedCertificate) {
  listen();
  RecordingClient old_handler;
  const auto old_client = connect(old_handler);
  ASSERT_TRUE(until([&] { return old_handler.info.has_value(); }));
  const auto renewed = ServerCertificate::self_signed({"localhost"}, testing::kNow, days(1));
  listener->replace_tls(TlsServerContext::create(*renewed).value());
  RecordingClient new_handler;
  const auto new_client = ClientConnection::open(loop, client_options(), pinned(renewed->pin()), new_handler);
  ASSERT_TRUE(until([&] { return new_handler.info || new_handler.end; }));
  EXPECT_TRUE(new_handler.info);
  EXPECT_FALSE(old_handler.end);
}

}  // namespace
}  // namespace sotto::transport

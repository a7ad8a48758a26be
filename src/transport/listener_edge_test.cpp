// What the listener does with peers that are broken, slow or hostile.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "transport/raw_peer.h"
#include "transport/test_loop.h"

namespace sotto::transport {
namespace {

using testing::LoopbackTest;
using testing::RawPeer;
using testing::RecordingClient;

constexpr std::string_view kUpgrade =
    "GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
/// "hi" in a masked binary frame whose mask is zero.
constexpr std::string_view kHi("\x82\x82\0\0\0\0hi", 8);

class ListenerEdge : public LoopbackTest {
 protected:
  void listen_plain(ListenerOptions options = {}) { listen(std::move(options), /*tls=*/false); }
  RawPeer open_stream() {
    RawPeer peer(listener->port());
    peer.send(kUpgrade);
    const std::size_t before = server.opened.size();
    EXPECT_TRUE(until([&] { return server.opened.size() > before && peer.has("\r\n\r\n"); }));
    peer.received.clear();
    return peer;
  }
  std::string ask(std::string_view request) {
    RawPeer peer(listener->port());
    peer.send(request);
    EXPECT_TRUE(until([&] { return peer.is_gone(); }));
    return peer.received;
  }
  bool ended_once(TransportError reason) {
    return until([&] { return ended(reason) == 1; });
  }
};

TEST_F(ListenerEdge, AnswersGarbageOnTheTlsPortWithAnAlert) {
  listen();
  const std::string not_a_handshake("\x16\x03\x01\x00\x05hello", 10);
  EXPECT_EQ(ask(not_a_handshake).substr(0, 1), "\x15") << "a TLS alert record";
  EXPECT_EQ(ask(std::string(100, 'x')), "");
  EXPECT_EQ(ended(TransportError::tls_failed), 2U);
  EXPECT_EQ(listener->counts().handshakes, 0U);
}

TEST_F(ListenerEdge, RefusesPlainHttpOnTheTlsPort) {
  listen();
  EXPECT_EQ(ask("GET /healthz HTTP/1.1\r\n\r\n").find("HTTP"), std::string::npos);
  EXPECT_TRUE(ended_once(TransportError::tls_failed));
}

TEST_F(ListenerEdge, WithoutAProxyNobodyWritesItsOwnAddress) {
  ListenerOptions options;
  options.behind_proxy = false;
  listen_plain(std::move(options));
  EXPECT_TRUE(ask("GET /who HTTP/1.0\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n").ends_with("\r\n\r\n127.0.0.1"));
}

TEST_F(ListenerEdge, GivesUpOnASilentHandshake) {
  ListenerOptions options;
  options.handshake_timeout = {20};
  listen(options);
  EXPECT_EQ(ask("\x16\x03\x01"), "");
  EXPECT_TRUE(ended_once(TransportError::timed_out));
  EXPECT_EQ(listener->counts().handshakes, 0U);
}

TEST_F(ListenerEdge, NotesAPeerThatLeavesInTheHandshake) {
  listen();
  RawPeer peer(listener->port());
  peer.send("\x16\x03\x01");
  peer.close();
  EXPECT_TRUE(ended_once(TransportError::connection_lost));
}

TEST_F(ListenerEdge, GivesUpOnARequestThatTrickles) {
  ListenerOptions options;
  options.request_timeout = {40};
  listen_plain(options);
  RawPeer peer(listener->port());
  const std::string request = "GET /healthz HTTP/1.1\r\nX: ";
  std::size_t at = 0;
  EXPECT_TRUE(until([&] {
    if (at < request.size() && !peer.is_gone()) peer.try_send(request.substr(at++, 1));
    return peer.is_gone();
  }));
  EXPECT_EQ(peer.received, "");
  EXPECT_TRUE(ended_once(TransportError::timed_out));
}

TEST_F(ListenerEdge, AnswersPipelinedRequestsInOrder) {
  listen_plain();
  const std::string answers =
      ask("GET /healthz HTTP/1.1\r\n\r\nPOST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
          "HEAD /healthz HTTP/1.1\r\n\r\nGET /none HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_LT(answers.find("\r\n\r\nok\n"), answers.find("\r\n\r\nabc"));
  EXPECT_TRUE(answers.ends_with("\r\n\r\n")) << "the 404 has no body";
  EXPECT_NE(answers.find("404 Not Found"), std::string::npos);
  EXPECT_EQ(listener->counts().http_requests, 4U);
  EXPECT_TRUE(ended_once(TransportError::closed_locally));
}

TEST_F(ListenerEdge, CountsAPeerThatLeavesBetweenRequestsAsClosedByPeer) {
  listen_plain();
  RawPeer peer(listener->port());
  peer.send("GET /healthz HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(until([&] { return peer.has("ok\n"); }));
  peer.close();
  EXPECT_TRUE(ended_once(TransportError::closed_by_peer));
}

TEST_F(ListenerEdge, RefusesBadRequestsWithTheirStatus) {
  ListenerOptions options;
  options.max_http_body_octets = 10;
  listen_plain(options);
  EXPECT_TRUE(ask("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(ask("POST /echo HTTP/1.1\r\nContent-Length: 11\r\n\r\n").starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'a')).starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(ask("GET /throw HTTP/1.1\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 500 "));
  EXPECT_TRUE(ask("GET /v1/stream HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 426 "));
  EXPECT_TRUE(ask("GET /v1/stream HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
                  .starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(ended(TransportError::bad_request), 3U);
  EXPECT_EQ(ended(TransportError::too_large), 2U);
  EXPECT_TRUE(server.opened.empty());
}

TEST_F(ListenerEdge, TakesTheAddressTheProxyAppended) {
  listen_plain();
  EXPECT_TRUE(ask("GET /who HTTP/1.0\r\nX-Forwarded-For: 6.6.6.6, 192.0.2.7 \r\n\r\n")
                  .ends_with("\r\n\r\n192.0.2.7"));
  EXPECT_TRUE(ask("GET /who HTTP/1.0\r\nX-Forwarded-For: <b>\r\n\r\n").ends_with("\r\n\r\n127.0.0.1"));
  EXPECT_TRUE(ask("GET /who HTTP/1.0\r\n\r\n").ends_with("\r\n\r\n127.0.0.1"));
}

TEST_F(ListenerEdge, NamesIpv4PeersOfADualStackListenerAsUsual) {
  ListenerOptions options;
  options.endpoint = TcpEndpoint{"::", 0};
  auto started = Listener::start(loop, options, std::nullopt, at_once(answer), &server);
  if (!started) GTEST_SKIP() << "no IPv6 here";
  listener = std::move(*started);
  EXPECT_TRUE(ask("GET /who HTTP/1.0\r\n\r\n").ends_with("\r\n\r\n127.0.0.1"));
}

TEST_F(ListenerEdge, DeliversFramesThatCameWithTheUpgrade) {
  listen_plain();
  RawPeer peer(listener->port());
  peer.send(std::string(kUpgrade) + std::string(kHi) + std::string(kHi.substr(0, 5)));
  ASSERT_TRUE(until([&] { return server.messages.size() == 1; }));
  peer.send(kHi.substr(5));
  ASSERT_TRUE(until([&] { return server.messages.size() == 2; }));
  EXPECT_EQ(as_chars(server.messages[1]), "hi");
}

struct BadFrame {
  const char* what;
  std::string_view octets;
  std::string_view answer;
  TransportError reason;
};

TEST_F(ListenerEdge, ClosesBrokenStreamsWithTheirCode) {
  ListenerOptions options;
  options.max_message_octets = 100;
  listen_plain(options);
  const BadFrame frames[] = {
      {"unmasked", std::string_view("\x82\x02hi", 4), std::string_view("\x88\x02\x03\xea", 4),
       TransportError::protocol_error},
      {"text", std::string_view("\x81\x80\0\0\0\0", 6), std::string_view("\x88\x02\x03\xeb", 4),
       TransportError::unsupported_data},
      {"too large", std::string_view("\x82\xe5\0\0\0\0", 6), std::string_view("\x88\x02\x03\xf1", 4),
       TransportError::too_large},
      {"close", std::string_view("\x88\x80\0\0\0\0", 6), std::string_view("\x88\x00", 2),
       TransportError::closed_by_peer},
  };
  for (const BadFrame& frame : frames) {
    RawPeer peer = open_stream();
    peer.send(frame.octets);
    EXPECT_TRUE(until([&] { return peer.is_gone() && server.closed.size() == server.opened.size(); }))
        << frame.what;
    EXPECT_EQ(peer.received, frame.answer) << frame.what;
    EXPECT_EQ(server.closed.back(), std::pair(server.opened.back().id, frame.reason)) << frame.what;
    peer.close();
    EXPECT_TRUE(until([&] { return listener->counts().connections == 0; }));
  }
  EXPECT_EQ(server.closed.size(), std::size(frames));
}

TEST_F(ListenerEdge, NotesAStreamThatEndsInsideAFrame) {
  listen_plain();
  RawPeer peer = open_stream();
  peer.send(kHi.substr(0, 7));
  peer.finish_sending();
  ASSERT_TRUE(until([&] { return !server.closed.empty(); }));
  EXPECT_EQ(server.closed[0].second, TransportError::connection_lost);
  EXPECT_TRUE(server.messages.empty());
}

TEST_F(ListenerEdge, PingsASilentStreamAndThenGivesItUp) {
  ListenerOptions options;
  options.ping_interval = {20};
  options.pong_timeout = {20};
  listen_plain(options);
  RawPeer peer = open_stream();
  ASSERT_TRUE(until([&] { return peer.is_gone(); }));
  EXPECT_EQ(peer.received, std::string_view("\x89\x00", 2));
  ASSERT_TRUE(until([&] { return !server.closed.empty(); }));
  EXPECT_EQ(server.closed[0].second, TransportError::timed_out);
}

TEST_F(ListenerEdge, AnswersPingsAndClosesAPeerThatFloodsThemWithoutReading) {
  ListenerOptions options;
  options.max_unsent_octets = 100'000;
  listen_plain(options);
  RawPeer peer = open_stream();
  peer.send(std::string_view("\x89\x81\0\0\0\0!", 7));
  ASSERT_TRUE(until([&] { return peer.has(std::string_view("\x8a\x01!", 3)); }));
  std::string flood;
  for (int i = 0; i < 100; ++i) flood += std::string("\x89\xfd\0\0\0\0", 6) + std::string(125, 'p');
  const auto limit = std::chrono::steady_clock::now() + testing::kPatience;
  while (server.closed.empty() && std::chrono::steady_clock::now() < limit) {
    peer.try_send(flood);
    loop.poll();
    loop.restart();
  }
  ASSERT_FALSE(server.closed.empty());
  EXPECT_EQ(server.closed[0].second, TransportError::slow_consumer);
}

TEST_F(ListenerEdge, DropsAPeerThatDoesNotCloseItsSide) {
  ListenerOptions options;
  options.close_timeout = {20};
  listen_plain(options);
  RawPeer peer = open_stream();
  listener->close(server.opened[0].id, CloseCode::policy_violation);
  EXPECT_TRUE(until([&] { return listener->counts().connections == 0; }));
  EXPECT_TRUE(peer.has(std::string_view("\x88\x02\x03\xf0", 4)));
}

TEST_F(ListenerEdge, DeliversNothingAfterItsOwnClose) {
  listen_plain();
  RawPeer peer = open_stream();
  listener->close(server.opened[0].id, CloseCode::normal);
  peer.send(kHi);
  peer.finish_sending();
  EXPECT_TRUE(until([&] { return listener->counts().connections == 0; }));
  EXPECT_TRUE(server.messages.empty());
}

TEST_F(ListenerEdge, StopDropsWhatDoesNotLeaveByTheDeadline) {
  ListenerOptions options;
  options.close_timeout = seconds(100);
  listen_plain(options);
  RawPeer stubborn = open_stream();
  RawPeer idle_http(listener->port());
  idle_http.send("GET /healthz HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(until([&] { return idle_http.has("ok\n"); }));
  bool done = false;
  listener->stop({30}, [&] { done = true; });
  EXPECT_TRUE(until([&] { return done; }));
  EXPECT_EQ(listener->counts().connections, 0U);
  EXPECT_EQ(ended(TransportError::shutting_down), 2U);
  EXPECT_TRUE(idle_http.is_gone());
}

TEST_F(ListenerEdge, RefusesConnectionsOverTheLimit) {
  ListenerOptions options;
  options.max_connections = 2;
  listen_plain(options);
  RawPeer first = open_stream();
  RawPeer second = open_stream();
  RawPeer third(listener->port());
  EXPECT_TRUE(until([&] { return third.is_gone(); }));
  EXPECT_EQ(listener->counts().refused, 1U);
  first.close();
  EXPECT_TRUE(until([&] { return listener->counts().connections == 1; }));
  open_stream();
}

TEST_F(ListenerEdge, LetsHandshakesOverTheLimitWaitTheirTurn) {
  ListenerOptions options;
  options.max_handshakes = 1;
  options.handshake_timeout = {400};  // long enough for an honest handshake on a busy machine
  listen(options);
  RawPeer silent(listener->port());
  ASSERT_TRUE(until([&] { return listener->counts().handshakes == 1; }));
  RecordingClient handler;
  const auto client = connect(handler);
  EXPECT_TRUE(until([&] { return handler.info || handler.end; }));
  EXPECT_TRUE(handler.info);
  EXPECT_EQ(ended(TransportError::timed_out), 1U) << "the silent one had to leave first";
}

/// Leaves the process one descriptor short of accepting.
class DescriptorShortage {
 public:
  DescriptorShortage() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(0);
    ::close(next);
    rlimit tight = before_;
    tight.rlim_cur = static_cast<rlim_t>(next);
    ::setrlimit(RLIMIT_NOFILE, &tight);
  }
  ~DescriptorShortage() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorShortage(const DescriptorShortage&) = delete;
  DescriptorShortage& operator=(const DescriptorShortage&) = delete;

 private:
  rlimit before_{};
};

TEST_F(ListenerEdge, PausesWithoutDescriptorsAndRecovers) {
  listen_plain();
  RawPeer peer(listener->port());
  peer.send("GET /healthz HTTP/1.1\r\n\r\n");
  {
    const DescriptorShortage shortage;
    EXPECT_TRUE(until([&] { return listener->counts().accept_failures >= 2; }));
    EXPECT_EQ(listener->counts().accepted, 0U);
  }
  EXPECT_TRUE(until([&] { return peer.has("ok\n"); }));
}

class LateAnswers : public ListenerEdge {
 protected:
  void listen_late() {
    ListenerOptions options;
    options.endpoint = TcpEndpoint{"127.0.0.1", 0};
    options.request_timeout = {200};
    const auto keep = [this](const HttpRequest&, HttpReply answer) { replies.push_back(std::move(answer)); };
    listener = Listener::start(loop, options, std::nullopt, keep, nullptr).value();
  }
  std::unique_ptr<RawPeer> asking() {
    auto peer = std::make_unique<RawPeer>(listener->port());
    const std::size_t before = replies.size();
    peer->send("GET /x HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(until([&] { return replies.size() > before; }));
    return peer;
  }
  static HttpResponse parts(std::uint64_t octets, std::vector<Bytes> all) {
    HttpResponse response;
    response.long_body = HttpBody{octets, [all = std::move(all), next = std::size_t{0}]() mutable {
                                    return next < all.size() ? all[next++] : Bytes{};
                                  }};
    return response;
  }
  std::vector<HttpReply> replies;
};

TEST_F(LateAnswers, LeaveWhenTheyComeAndOnlyOnce) {
  listen_late();
  const auto first = asking();
  const auto second = asking();
  replies[1]({.body = "two"});
  replies[1]({.body = "again"});
  EXPECT_TRUE(until([&] { return second->is_gone(); }));
  EXPECT_TRUE(second->received.ends_with("\r\n\r\ntwo"));
  EXPECT_FALSE(first->has("HTTP"));
  replies[0]({.body = "one"});
  EXPECT_TRUE(until([&] { return first->is_gone(); }));
  EXPECT_TRUE(first->received.ends_with("\r\n\r\none"));
}

TEST_F(LateAnswers, AreNotWaitedForWhenTheListenerStops) {
  listen_late();
  const auto peer = asking();
  bool stopped = false;
  listener->stop(seconds(60), [&] { stopped = true; });
  EXPECT_TRUE(until([&] { return stopped; }));
  replies[0]({.body = "too late"});
  EXPECT_TRUE(until([&] { return peer->is_gone(); }));
  EXPECT_EQ(peer->received, "");
}

TEST_F(LateAnswers, LongBodiesLeaveInPartsAndHaveTheirLength) {
  listen_late();
  const auto peer = asking();
  const Bytes large = testing::pattern(300'000);
  replies[0](parts(300'003, {to_bytes(as_bytes("abc")), large}));
  EXPECT_TRUE(until([&] { return peer->is_gone(); }));
  EXPECT_NE(peer->received.find("Content-Length: 300003\r\n"), std::string::npos);
  EXPECT_TRUE(peer->received.ends_with(as_chars(large)));
}

TEST_F(LateAnswers, ABodyThatCannotBeCompletedEndsTheConnection) {
  listen_late();
  const auto peer = asking();
  replies[0](parts(7, {to_bytes(as_bytes("abc"))}));
  EXPECT_TRUE(until([&] { return peer->is_gone(); }));
  const auto longer = asking();
  replies[1](parts(2, {to_bytes(as_bytes("abc"))}));
  EXPECT_TRUE(until([&] { return longer->is_gone(); }));
  EXPECT_EQ(longer->received.find("abc"), std::string::npos) << "never more than was announced";
  EXPECT_EQ(ended(TransportError::closed_locally), 2U);
}

TEST_F(ListenerEdge, WithoutAHandlerAnswersOnlyHttp) {
  ListenerOptions options;
  options.endpoint = TcpEndpoint{"127.0.0.1", 0};
  auto started = Listener::start(loop, options, std::nullopt, at_once(answer), nullptr);
  ASSERT_TRUE(started);
  listener = std::move(*started);
  RawPeer peer(listener->port());
  peer.send(kUpgrade);
  EXPECT_TRUE(until([&] { return peer.has("404 Not Found"); }));
}

}  // namespace
}  // namespace sotto::transport

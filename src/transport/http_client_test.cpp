#include "transport/http_client.h"

#include "transport/raw_peer.h"
#include "transport/test_loop.h"

namespace sotto::transport {
namespace {

using testing::pattern;

class HttpClientTest : public testing::LoopbackTest {
 protected:
  std::unique_ptr<HttpClient> client(DurationMs patience = seconds(20), bool tls = true) {
    HttpClientOptions options;
    options.endpoint = TcpEndpoint{"127.0.0.1", listener ? listener->port() : port};
    options.patience = patience;
    options.max_body_octets = 500'000;
    return std::make_unique<HttpClient>(loop, options, tls ? std::optional(pinned()) : std::nullopt);
  }
  HttpOutcome ask(HttpClient& asker, HttpAsk request) {
    std::optional<HttpOutcome> out;
    asker.ask(std::move(request), [&](HttpOutcome outcome) { out = std::move(outcome); });
    EXPECT_TRUE(asker.busy());
    EXPECT_TRUE(until([&] { return out.has_value(); }));
    return out ? *std::move(out) : err(HttpFailure{TransportError::library_failure, "nothing came"});
  }
  static HttpAsk get(const std::string& target) { return {.method = "GET", .target = target}; }

  std::uint16_t port = 0;
};

TEST_F(HttpClientTest, AsksOneAfterTheOtherOverOneConnection) {
  listen();
  const auto asker = client();
  const auto first = ask(*asker, get("/healthz"));
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_EQ(first->status, 200u);
  EXPECT_EQ(first->body, to_bytes(as_bytes("ok\n")));
  EXPECT_EQ(first->field("content-length"), "3");
  const Bytes large = pattern(400'000);
  HttpAsk echo{.method = "PUT", .target = "/echo", .body = std::string(as_chars(large))};
  EXPECT_EQ(ask(*asker, echo)->body, large);
  EXPECT_EQ(ask(*asker, {.method = "HEAD", .target = "/healthz"})->field("Content-Length"), "3");
  EXPECT_EQ(ask(*asker, get("/none"))->status, 404u);
  EXPECT_EQ(listener->counts().accepted, 1u);
}

TEST_F(HttpClientTest, ConnectsAnewWhenTheServerClosedInBetween) {
  ListenerOptions options;
  options.request_timeout = {30};
  listen(options);
  const auto asker = client();
  ASSERT_TRUE(ask(*asker, get("/healthz")));
  EXPECT_TRUE(until([&] { return listener->counts().connections == 0; }));
  const auto again = ask(*asker, get("/healthz"));
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(listener->counts().accepted, 2u);
}

TEST_F(HttpClientTest, AnotherKeyThanThePinnedOneIsRefused) {
  listen();
  HttpClientOptions options;
  options.endpoint = TcpEndpoint{"127.0.0.1", listener->port()};
  HttpClient asker(loop, options, pinned(SpkiPin{}));
  EXPECT_EQ(ask(asker, get("/healthz")).error().reason, TransportError::certificate_mismatch);
}

TEST_F(HttpClientTest, NobodyThereIsSaid) {
  listen({}, false);
  const auto asker = client(seconds(20), false);
  listener.reset();
  loop.restart();
  EXPECT_EQ(ask(*asker, get("/healthz")).error().reason, TransportError::unreachable);
}

TEST_F(HttpClientTest, AnswersThatAreTooLongOrNoHttpAreRefused) {
  listen();
  const auto asker = client();
  HttpAsk echo{.method = "PUT", .target = "/echo", .body = std::string(500'001, 'x')};
  EXPECT_EQ(ask(*asker, echo).error().reason, TransportError::too_large);
  EXPECT_TRUE(ask(*asker, get("/healthz"))) << "on another connection";
}

/// A server that says what the test tells it to.
class RawServerTest : public HttpClientTest {
 protected:
  RawServerTest() : listening(open_listening_socket(TcpEndpoint{"127.0.0.1", 0}, false).value()) {
    port = bound_port(listening.get());
  }
  testing::RawPeer accepted() {
    int socket = -1;
    EXPECT_TRUE(until([&] { return (socket = ::accept(listening.get(), nullptr, nullptr)) >= 0; }));
    return testing::RawPeer(FileDescriptor(socket));
  }
  FileDescriptor listening;
};

TEST_F(RawServerTest, ASilentServerIsGivenUp) {
  const auto asker = client({50}, false);
  EXPECT_EQ(ask(*asker, get("/x")).error().reason, TransportError::timed_out);
}

TEST_F(RawServerTest, AnAnswerThatEndsEarlyIsALostConnection) {
  const auto asker = client(seconds(20), false);
  std::optional<HttpOutcome> out;
  asker->ask(get("/x"), [&](HttpOutcome outcome) { out = std::move(outcome); });
  auto peer = accepted();
  ASSERT_TRUE(until([&] { return peer.has("\r\n\r\n"); }));
  EXPECT_NE(peer.received.find("Host: 127.0.0.1:" + std::to_string(port)), std::string::npos);
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  peer.close();
  ASSERT_TRUE(until([&] { return out.has_value(); }));
  EXPECT_EQ(out->error().reason, TransportError::connection_lost);
}

TEST_F(RawServerTest, AnAnswerWithoutALengthEndsWithTheConnection) {
  const auto asker = client(seconds(20), false);
  std::optional<HttpOutcome> out;
  const auto done = [&](HttpOutcome outcome) { out = std::move(outcome); };
  for (const std::string body : {"", "some words"}) {
    out.reset();
    asker->ask(get("/x"), done);
    auto peer = accepted();
    ASSERT_TRUE(until([&] { return peer.has("\r\n\r\n"); }));
    peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body);
    peer.finish_sending();
    ASSERT_TRUE(until([&] { return out.has_value(); }));
    ASSERT_TRUE(*out) << out->error().detail;
    EXPECT_EQ((*out)->body, to_bytes(as_bytes(body)));
  }
  asker->ask(get("/x"), done);
  EXPECT_TRUE(accepted().has("") && asker->busy()) << "over a connection of its own";
}

TEST_F(RawServerTest, AnAnswerWithoutALengthIsBoundedAndNotCompleteWhenTheConnectionBreaks) {
  const auto asker = client(seconds(20), false);
  std::optional<HttpOutcome> out;
  asker->ask(get("/x"), [&](HttpOutcome outcome) { out = std::move(outcome); });
  {
    auto peer = accepted();
    ASSERT_TRUE(until([&] { return peer.has("\r\n\r\n"); }));
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    const std::string part(50'000, 'x');
    ASSERT_TRUE(until([&] {
      if (!out) peer.try_send(part);
      return out.has_value();
    }));
    EXPECT_EQ(out->error().reason, TransportError::too_large);
  }
  out.reset();
  asker->ask(get("/x"), [&](HttpOutcome outcome) { out = std::move(outcome); });
  auto peer = accepted();
  ASSERT_TRUE(until([&] { return peer.has("\r\n\r\n"); }));
  peer.send("HTTP/1.1 200 OK\r\n\r\nabc");
  peer.reset();
  ASSERT_TRUE(until([&] { return out.has_value(); }));
  EXPECT_EQ(out->error().reason, TransportError::connection_lost);
}

TEST_F(RawServerTest, WhatComesBehindAnAnswerIsRefused) {
  const auto asker = client(seconds(20), false);
  std::optional<HttpOutcome> out;
  asker->ask(get("/x"), [&](HttpOutcome outcome) { out = std::move(outcome); });
  auto peer = accepted();
  ASSERT_TRUE(until([&] { return peer.has("\r\n\r\n"); }));
  peer.send("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
  ASSERT_TRUE(until([&] { return out.has_value(); }));
  EXPECT_EQ(out->error().reason, TransportError::bad_request);
}

TEST_F(RawServerTest, NothingIsAnsweredAfterTheClientIsGone) {
  auto asker = client(seconds(20), false);
  asker->ask(get("/x"), [&](const HttpOutcome&) { ADD_FAILURE(); });
  auto peer = accepted();
  asker.reset();
  EXPECT_TRUE(until([&] { return peer.is_gone(); }));
}

}  // namespace
}  // namespace sotto::transport

// Bodies that are taken as they come, instead of into memory.
#include <deque>

#include "transport/raw_peer.h"
#include "transport/test_loop.h"

namespace sotto::transport {
namespace {

using testing::LoopbackTest;
using testing::RawPeer;

constexpr std::size_t kMiB = std::size_t{1} << 20;

class ListenerBody : public LoopbackTest {
 protected:
  /// What sinks were given, and what became of them.
  struct Log {
    std::vector<std::string> pieces;
    std::deque<HttpBodySink::Taken> waiting;  ///< while `hold`
    bool hold = false;
    std::optional<HttpResponse> refusal;
    bool throws = false;
    int finished = 0;
    int gone = 0;

    [[nodiscard]] std::string all() const {
      std::string out;
      for (const std::string& piece : pieces) out += piece;
      return out;
    }
    [[nodiscard]] std::size_t octets() const { return all().size(); }
  };
  class Sink final : public HttpBodySink {
   public:
    explicit Sink(Log& log) : log_(log) {}
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    ~Sink() override { ++log_.gone; }
    void take(std::string octets, Taken taken) override {
      if (log_.throws) throw std::runtime_error("sink");
      log_.pieces.push_back(std::move(octets));
      if (log_.hold) {
        log_.waiting.push_back(std::move(taken));
      } else {
        taken(log_.refusal);
      }
    }
    void finish(HttpReply reply) override {
      if (log_.throws) throw std::runtime_error("sink");
      ++log_.finished;
      reply({.body = "taken"});
    }

   private:
    Log& log_;
  };

  void listen_plain(ListenerOptions options = {}) {
    options.max_http_body_octets = 10;
    options.take_body = [this](const HttpRequest& head) -> HttpBodySinkPtr {
      if (head.path() != "/sink") return nullptr;
      return std::make_unique<Sink>(log);
    };
    listen(std::move(options), /*tls=*/false);
  }
  /// Sends as the listener takes it, as far as `condition` lets.
  bool send_until(RawPeer& peer, std::string_view octets, const std::function<bool()>& condition) {
    return until([&] {
      while (!octets.empty()) {
        const std::string_view part = octets.substr(0, 1000);
        if (!peer.try_send(part)) break;
        octets.remove_prefix(part.size());
      }
      return condition();
    });
  }

  Log log;
};

TEST_F(ListenerBody, PiecesComeInOrderAndWhoTookThemAnswers) {
  listen_plain();
  std::string body(300'000, '.');
  for (std::size_t i = 0; i < body.size(); i += 7) body[i] = static_cast<char>('a' + i % 26);
  RawPeer peer(listener->port());
  const std::string request = "POST /sink HTTP/1.1\r\nContent-Length: 300000\r\n\r\n" + body +
                              "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n";
  for (std::string_view rest = request; !rest.empty();) {
    const std::string_view part = rest.substr(0, 50'000);
    peer.send(part);
    rest.remove_prefix(part.size());
    loop.restart();
    loop.poll();
  }
  EXPECT_TRUE(until([&] { return peer.is_gone(); }));
  EXPECT_EQ(log.all(), body);
  for (const std::string& piece : log.pieces) EXPECT_LE(piece.size(), 2 * 64 * 1024U);
  EXPECT_GE(log.pieces.size(), 3U);
  EXPECT_NE(peer.received.find("\r\n\r\ntaken"), std::string::npos);
  EXPECT_TRUE(peer.received.ends_with("ok\n")) << "the next request of the connection";
  EXPECT_EQ(log.finished, 1);
  EXPECT_EQ(log.gone, 1);
}

TEST_F(ListenerBody, ChunksAndEmptyBodiesAreTakenToo) {
  listen_plain();
  RawPeer peer(listener->port());
  peer.send(
      "POST /sink HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n");
  EXPECT_TRUE(until([&] { return peer.has("taken"); }));
  EXPECT_EQ(log.all(), "hello, world");
  peer.received.clear();
  peer.send("POST /sink HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(until([&] { return peer.has("taken"); }));
  EXPECT_EQ(log.pieces.size(), 1U);
  EXPECT_EQ(log.gone, 2);
}

TEST_F(ListenerBody, ThePeerIsNotReadFromWhileAPieceWaits) {
  listen_plain();
  log.hold = true;
  const std::string body(64 * kMiB, 'x');
  RawPeer peer(listener->port());
  peer.send("POST /sink HTTP/1.1\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n");
  std::string_view rest = body;
  bool stuck = false;
  const auto push = [&] {
    std::size_t turns = 0;
    while (!rest.empty() && turns < 10'000) {
      const std::string_view part = rest.substr(0, 64 * 1024);
      if (!peer.try_send(part)) break;
      rest.remove_prefix(part.size());  // try_send may take less: the octets are all the same
      ++turns;
    }
    stuck = turns == 0;
  };
  EXPECT_TRUE(until([&] {
    push();
    return stuck && !log.waiting.empty();
  }));
  for (int i = 0; i < 100; ++i) {
    loop.restart();
    loop.poll();
  }
  EXPECT_EQ(log.pieces.size(), 1U) << "the rest is with the kernels";
  EXPECT_FALSE(rest.empty());
  log.hold = false;
  const auto taken = std::move(log.waiting.front());
  taken(std::nullopt);
  taken(HttpResponse{.status = 500});  // later calls do nothing
  EXPECT_TRUE(until([&] {
    push();
    return log.octets() > 8 * kMiB;
  }));
}

TEST_F(ListenerBody, ARefusalIsAnsweredAtOnceAndEndsTheConnection) {
  listen_plain();
  log.refusal = HttpResponse{.status = 507, .body = "full"};
  RawPeer peer(listener->port());
  const std::string piece(100'000, 'x');
  ASSERT_TRUE(send_until(peer, "POST /sink HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + piece,
                         [&] { return peer.has("full"); }));
  EXPECT_TRUE(peer.received.starts_with("HTTP/1.1 507 "));
  EXPECT_NE(peer.received.find("Connection: close"), std::string::npos);
  EXPECT_EQ(log.finished, 0);
  peer.close();
  EXPECT_TRUE(until([&] { return log.gone == 1; }));
}

TEST_F(ListenerBody, WhoIsCutOffIsGoneWithoutHavingFinished) {
  listen_plain();
  RawPeer peer(listener->port());
  ASSERT_TRUE(send_until(peer,
                         "POST /sink HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + std::string(200'000, 'x'),
                         [&] { return log.octets() > 100'000; }));
  peer.close();
  EXPECT_TRUE(until([&] { return log.gone == 1; }));
  EXPECT_EQ(log.finished, 0);
  EXPECT_EQ(ended(TransportError::connection_lost), 1U);
}

TEST_F(ListenerBody, WhoSendsTooSlowlyIsCutOff) {
  ListenerOptions options;
  options.request_timeout = {50};
  listen_plain(options);
  RawPeer peer(listener->port());
  peer.send("POST /sink HTTP/1.1\r\nContent-Length: 10\r\n\r\n12345");
  EXPECT_TRUE(until([&] { return peer.is_gone(); }));
  EXPECT_TRUE(until([&] { return log.gone == 1; }));
  EXPECT_EQ(log.finished, 0);
  EXPECT_EQ(ended(TransportError::timed_out), 1U);
}

TEST_F(ListenerBody, APieceMayTakeLongerThanAPeerMay) {
  ListenerOptions options;
  options.request_timeout = {50};
  listen_plain(options);
  log.hold = true;
  RawPeer peer(listener->port());
  peer.send("POST /sink HTTP/1.1\r\nConnection: close\r\nContent-Length: 5\r\n\r\n12345");
  ASSERT_TRUE(until([&] { return !log.waiting.empty(); }));
  RawPeer other(listener->port());  // for whom the time runs out meanwhile
  ASSERT_TRUE(until([&] { return other.is_gone(); }));
  log.waiting.front()(std::nullopt);
  EXPECT_TRUE(until([&] { return peer.has("taken"); }));
}

TEST_F(ListenerBody, OthersAreReadIntoMemoryWithinTheirLimit) {
  listen_plain();
  RawPeer peer(listener->port());
  peer.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789");
  EXPECT_TRUE(until([&] { return peer.has("\r\n\r\n0123456789"); }));
  peer.send("POST /echo HTTP/1.1\r\nContent-Length: 11\r\n\r\n");
  EXPECT_TRUE(until([&] { return peer.has("HTTP/1.1 413 "); }));
  RawPeer broken(listener->port());
  broken.send("POST /sink HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n");
  EXPECT_TRUE(until([&] { return broken.has("HTTP/1.1 400 "); }));
  EXPECT_EQ(log.gone, 1);
  EXPECT_EQ(log.finished, 0);
}

TEST_F(ListenerBody, ASinkThatThrowsIsOurOwnFault) {
  listen_plain();
  log.throws = true;
  RawPeer piece(listener->port());
  piece.send("POST /sink HTTP/1.1\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_TRUE(until([&] { return piece.has("HTTP/1.1 500 "); }));
  RawPeer end(listener->port());
  end.send("POST /sink HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(until([&] { return end.has("HTTP/1.1 500 "); }));
}

TEST_F(ListenerBody, ASinkMayOutliveTheListener) {
  listen_plain();
  log.hold = true;
  RawPeer peer(listener->port());
  peer.send("POST /sink HTTP/1.1\r\nContent-Length: 5\r\n\r\n12345");
  ASSERT_TRUE(until([&] { return !log.waiting.empty(); }));
  listener.reset();
  log.waiting.front()(std::nullopt);
  EXPECT_TRUE(until([&] { return peer.is_gone() && log.gone == 1; }));
  EXPECT_EQ(log.finished, 0);
}

}  // namespace
}  // namespace sotto::transport

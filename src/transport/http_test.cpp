#include "transport/http.h"

#include <gtest/gtest.h>

#include "transport/websocket.h"

namespace sotto::transport {
namespace {

constexpr std::string_view kUpgrade =
    "GET /v1/stream HTTP/1.1\r\nHost: example.org\r\nUpgrade: websocket\r\nConnection: keep-alive, "
    "Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

HttpRequest parse(std::string_view text) {
  HttpRequestReader reader(1000);
  EXPECT_EQ(reader.feed(as_bytes(text)), TransportResult<bool>(true)) << text;
  return reader.take();
}

std::string without(std::string_view text, std::string_view part, std::string_view instead = {}) {
  std::string out(text);
  out.replace(out.find(part), part.size(), instead);
  return out;
}

TEST(HttpRequestReader, ReadsARequestSplitAtEveryBoundary) {
  const std::string text =
      "POST /x/y?z=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX-Twice: 1\r\nx-twice: 2\r\n\r\nhelloGET";
  for (std::size_t split = 0; split <= text.size(); ++split) {
    HttpRequestReader reader(1000);
    auto complete = reader.feed(as_bytes(std::string_view(text).substr(0, split)));
    ASSERT_TRUE(complete) << split;
    EXPECT_EQ(*complete, split >= text.size() - 3) << split;
    if (*complete) continue;
    ASSERT_EQ(reader.feed(as_bytes(std::string_view(text).substr(split))), TransportResult<bool>(true));
    EXPECT_EQ(as_chars(reader.rest()), "GET");
    const HttpRequest request = reader.take();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/x/y?z=1");
    EXPECT_EQ(request.path(), "/x/y");
    EXPECT_EQ(request.body, "hello");
    EXPECT_EQ(request.field("x-TWICE"), "1");
    EXPECT_EQ(request.field("absent"), "");
    EXPECT_TRUE(request.keep_alive);
  }
}

TEST(HttpRequestReader, ReadsChunkedBodies) {
  const HttpRequest request = parse(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
      "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(request.body, "abcde");
  EXPECT_FALSE(request.keep_alive);
}

TransportError refusal(std::string_view text, std::size_t max_body = 1000) {
  HttpRequestReader reader(max_body);
  const auto outcome = reader.feed(as_bytes(text));
  return outcome ? TransportError::closed_locally : outcome.error();
}

TEST(HttpRequestReader, RefusesWhatIsNotHttp) {
  EXPECT_EQ(refusal("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), TransportError::bad_request);
  EXPECT_EQ(refusal("GET / HTTP/9.9\r\n\r\n"), TransportError::bad_request);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nbad field\r\n\r\n"), TransportError::bad_request);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"), TransportError::bad_request);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
            TransportError::bad_request);
}

TEST(HttpRequestReader, BoundsHeaderAndBody) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nX: " + std::string(kMaxHttpHeaderOctets, 'a') + "\r\n\r\n"),
            TransportError::too_large);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nX: " + std::string(3 * kMaxHttpHeaderOctets, 'a')),
            TransportError::too_large);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n"), TransportError::too_large);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n", 5),
            TransportError::too_large);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;" + std::string(40'000, 'e')),
            TransportError::too_large);
}

TEST(HttpRequestReader, GivesTheBodyAwayAsItComes) {
  HttpRequestReader reader(1000);
  EXPECT_EQ(reader.take_body(), "");
  ASSERT_EQ(reader.feed(as_bytes("POST / HTTP/1.1\r\nContent-Length: 7\r\n\r\nabc")),
            TransportResult<bool>(false));
  EXPECT_EQ(reader.take_body(), "abc");
  EXPECT_EQ(reader.take_body(), "");
  ASSERT_EQ(reader.feed(as_bytes("defg")), TransportResult<bool>(true));
  EXPECT_EQ(reader.take().body, "defg");
}

TEST(HttpAnswerReader, AnAnswerWithoutALengthEndsWithTheConnection) {
  const auto read = [](std::string_view text, bool head = false) -> std::optional<HttpAnswer> {
    HttpAnswerReader reader(5, head);
    const auto complete = reader.feed(as_bytes(text));
    if (!complete || *complete || !reader.close()) return std::nullopt;
    return reader.take();
  };
  const auto answer = read("HTTP/1.1 200 OK\r\nA: b\r\n\r\nhello");
  ASSERT_TRUE(answer);
  EXPECT_EQ(as_chars(answer->body), "hello");
  EXPECT_EQ(answer->field("a"), "b");
  EXPECT_FALSE(answer->keep_alive);
  EXPECT_EQ(read("HTTP/1.0 404 Not Found\r\n\r\n")->status, 404U);
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\n\r\nhello!")) << "too long";
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nA: b\r\n")) << "the header is not complete";
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell")) << "it said how long it is";
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n"));
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\n\r\n", true)) << "complete before the end";
}

TEST(Serialize, WritesStatusLengthAndFields) {
  HttpResponse response;
  response.status = 404;
  response.body = "gone\n";
  response.fields.emplace_back("X-A", "b");
  const std::string head =
      "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\nConnection: keep-alive\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nX-A: b\r\n\r\n";
  EXPECT_EQ(serialize(response, true), head + "gone\n");
  EXPECT_EQ(serialize(response, true, /*head=*/true), head);
  EXPECT_NE(serialize(response, false).find("Connection: close"), std::string::npos);
}

TEST(AcceptUpgrade, AnswersTheExampleOfTheRfc) {
  const auto accepted = accept_upgrade(parse(kUpgrade));
  ASSERT_TRUE(accepted);
  EXPECT_NE(accepted->find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos);
}

TEST(AcceptUpgrade, RefusesARequestThatMissesAnything) {
  for (const std::string& text : {
           without(kUpgrade, "Upgrade: websocket\r\n"),
           without(kUpgrade, "keep-alive, Upgrade", "keep-alive"),
           without(kUpgrade, "Version: 13", "Version: 8"),
           without(kUpgrade, "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ=="),
           without(kUpgrade, "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZ!=="),
           without(kUpgrade, "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZSE="),
           without(kUpgrade, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
           without(kUpgrade, "GET", "PUT"),
       }) {
    EXPECT_EQ(accept_upgrade(parse(text)).error(), TransportError::bad_request) << text;
  }
}

/// The octets of RFC 6455's example key.
constexpr ByteArray<16> kNonce = {'t', 'h', 'e', ' ', 's', 'a', 'm', 'p',
                                  'l', 'e', ' ', 'n', 'o', 'n', 'c', 'e'};
constexpr std::string_view kAgreement =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

TEST(UpgradeRequest, IsAcceptedByAcceptUpgrade) {
  UpgradeRequest request("example.org", "/v1/stream", kNonce);
  const auto accepted = accept_upgrade(parse(request.octets()));
  ASSERT_TRUE(accepted);
  EXPECT_EQ(request.feed(as_bytes(*accepted)), TransportResult<bool>(true));
  EXPECT_TRUE(request.rest().empty());
}

TEST(UpgradeRequest, KeepsTheFramesBehindTheAgreementWhereverItIsSplit) {
  const std::string text = std::string(kAgreement) + "\x82\x01x";
  for (std::size_t split = 0; split < kAgreement.size(); ++split) {
    UpgradeRequest request("example.org", "/v1/stream", kNonce);
    ASSERT_EQ(request.feed(as_bytes(std::string_view(text).substr(0, split))), TransportResult<bool>(false))
        << split;
    ASSERT_EQ(request.feed(as_bytes(std::string_view(text).substr(split))), TransportResult<bool>(true))
        << split;
    EXPECT_EQ(as_chars(request.rest()), "\x82\x01x");
  }
}

TEST(UpgradeRequest, RefusesAnythingButItsAgreement) {
  for (const std::string& text : {
           std::string("HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno\n"),
           std::string("HTTP/1.1 200 OK\r\n\r\n"),
           without(kAgreement, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "s3pPLMBiTxaQ9kYGzzhZRbK+xOp="),
           without(kAgreement, "Upgrade: websocket\r\n"),
           without(kAgreement, "Connection: Upgrade\r\n"),
           without(kAgreement, "\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
           std::string("SSH-2.0-OpenSSH\r\n"),
           "HTTP/1.1 101 X\r\nX: " + std::string(40'000, 'a'),
       }) {
    UpgradeRequest request("example.org", "/v1/stream", kNonce);
    EXPECT_EQ(request.feed(as_bytes(text)).error(), TransportError::upgrade_refused) << text.substr(0, 200);
    EXPECT_FALSE(request.detail().empty());
  }
}

TEST(HttpRequestReader, AsksHowLongABodyMayBeOnceItKnowsTheHeader) {
  const auto limit = [](const HttpRequest& head) -> std::size_t {
    return head.field("Key") == "right" ? 10 : 2;
  };
  const auto read = [&](std::string_view text, std::size_t piece) -> TransportResult<bool> {
    HttpRequestReader reader(100, limit);
    TransportResult<bool> done = false;
    for (std::size_t at = 0; at < text.size() && done && !*done; at += piece) {
      done = reader.feed(as_bytes(text.substr(at, piece)));
    }
    return done;
  };
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
    EXPECT_TRUE(read("POST / HTTP/1.1\r\nKey: right\r\nContent-Length: 10\r\n\r\n0123456789", piece).value());
    EXPECT_TRUE(read("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n01", piece).value());
    EXPECT_TRUE(read("GET / HTTP/1.1\r\n\r\n", piece).value());
    EXPECT_EQ(read("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n012", piece).error(),
              TransportError::too_large);
    EXPECT_EQ(read("POST / HTTP/1.1\r\nKey: right\r\nContent-Length: 11\r\n\r\n", piece).error(),
              TransportError::too_large);
    EXPECT_EQ(
        read("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n012\r\n0\r\n\r\n", piece).error(),
        TransportError::too_large);
  }
}

}  // namespace
}  // namespace sotto::transport

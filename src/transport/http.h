// HTTP/1.1 messages (RFC 9112) as values and as octets. No sockets inside. Beast does the parsing, in
// http.cpp alone. Not concerned with what a path means: the owner of a listener hands in an HttpHandler.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytes/bytes.h"
#include "transport/error.h"

namespace sotto::transport {

/// Request line and all header fields together: enough for browsers' cookies and a proxy's additions.
inline constexpr std::size_t kMaxHttpHeaderOctets = 16 * 1024;

using HttpFields = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;  ///< upper case as sent: "GET"
  std::string target;  ///< path and query as sent: "/healthz?x=1"
  HttpFields fields;   ///< in order of arrival
  std::string body;
  bool keep_alive = true;
  std::string remote_address;  ///< filled in by the listener

  /// The first field of that name (names compare without case), or an empty view.
  [[nodiscard]] std::string_view field(std::string_view name) const;
  /// The target up to the query.
  [[nodiscard]] std::string_view path() const;
};

/// A body that is too long to be in memory at once.
struct HttpBody {
  std::uint64_t octets = 0;
  /// The next part, of any length but not empty. Empty: there is no more to be had, and the connection ends
  /// before the body is complete, which a client notices.
  std::function<Bytes()> next;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  HttpFields fields;  ///< further fields; Content-Type, Content-Length and Connection are added
  std::optional<HttpBody> long_body;  ///< instead of `body`
};

/// Takes the answer to one request; later calls do nothing. On the listener's thread, also after the
/// connection is gone.
using HttpReply = std::function<void(HttpResponse)>;
/// Answers a request that is not the stream's upgrade, at once or later. Called on the listener's thread;
/// must not block. The request is valid during the call.
using HttpHandler = std::function<void(const HttpRequest&, HttpReply)>;
/// A handler that always answers at once.
HttpHandler at_once(std::function<HttpResponse(const HttpRequest&)> answer);

/// The response's octets, without a long body. A HEAD request is answered without any body but with its
/// length.
std::string serialize(const HttpResponse& response, bool keep_alive, bool head = false);

/// Takes the body of one request as it comes, in the place of HttpRequest::body. On the listener's thread.
/// Dies before finish() if the body does not come whole, and before its reply if the connection ends.
class HttpBodySink {
 public:
  /// Nothing: go on. An answer: the rest is not wanted, and the connection ends after it.
  using Taken = std::function<void(std::optional<HttpResponse>)>;

  virtual ~HttpBodySink() = default;
  /// The next octets, not empty. The peer is not read from until `taken` is called, at once or later; it may
  /// be called when the sink is gone.
  virtual void take(std::string octets, Taken taken) = 0;
  /// There are no more.
  virtual void finish(HttpReply reply) = 0;
};
using HttpBodySinkPtr = std::unique_ptr<HttpBodySink>;
/// Who takes the body of this request and answers it. Nobody: it is read into memory, for an HttpHandler.
using BodyTaker = std::function<HttpBodySinkPtr(const HttpRequest& head)>;

/// How long the body of a request may be, once all of it but the body is known.
using BodyLimit = std::function<std::size_t(const HttpRequest& head)>;

/// Reads one request from octets that arrive in any pieces.
class HttpRequestReader {
 public:
  /// Bodies over `max_body_octets` are refused; with `limit` those over what it says of their header.
  explicit HttpRequestReader(std::size_t max_body_octets, BodyLimit limit = {});
  ~HttpRequestReader();
  HttpRequestReader(HttpRequestReader&&) noexcept;
  HttpRequestReader& operator=(HttpRequestReader&&) noexcept;

  /// Takes octets; true when the request is complete. Octets after the request stay in rest().
  /// Errors: bad_request, too_large (header or body limit).
  TransportResult<bool> feed(ByteView input);
  /// The part of the body that came since this was called last; take() gives what is left.
  [[nodiscard]] std::string take_body();
  /// Precondition: feed() returned true.
  [[nodiscard]] HttpRequest take();
  /// What followed the request. Precondition: feed() returned true.
  [[nodiscard]] ByteView rest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A request as a client sends it. Host, Connection and, with a body, Content-Length are added.
struct HttpAsk {
  std::string method;
  std::string target;
  HttpFields fields;
  std::string body;
};
/// The request's octets up to the body.
std::string serialize(const HttpAsk& request, std::string_view host);

struct HttpAnswer {
  unsigned status = 0;
  HttpFields fields;
  Bytes body;
  bool keep_alive = false;

  /// As HttpRequest::field.
  [[nodiscard]] std::string_view field(std::string_view name) const;
};

/// Reads one answer from octets that arrive in any pieces. One that says neither how long it is nor comes in
/// chunks ends with the connection (RFC 9112 6.3).
class HttpAnswerReader {
 public:
  /// Bodies over `max_body_octets` are refused. `head`: the answer to HEAD has no body, whatever it says.
  HttpAnswerReader(std::size_t max_body_octets, bool head);
  ~HttpAnswerReader();
  HttpAnswerReader(HttpAnswerReader&&) noexcept;
  HttpAnswerReader& operator=(HttpAnswerReader&&) noexcept;

  /// Takes octets; true when the answer is complete. Octets after it are a bad_request. Errors: bad_request,
  /// too_large.
  TransportResult<bool> feed(ByteView input);
  /// The peer has closed in order, and nothing more comes: true when the answer is complete with that.
  bool close();
  /// Precondition: feed() or close() returned true.
  [[nodiscard]] HttpAnswer take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Is this a request to become a WebSocket?
bool wants_upgrade(const HttpRequest& request);
/// The 101 response's octets, or bad_request when the request misses what RFC 6455 4.2.1 demands. Names
/// `subprotocol` if the request offers it.
TransportResult<std::string> accept_upgrade(const HttpRequest& request, std::string_view subprotocol = {});

/// The client's half of RFC 6455 4.1.
class UpgradeRequest {
 public:
  /// `nonce` is 16 fresh random octets.
  UpgradeRequest(std::string host, std::string path, const ByteArray<16>& nonce);
  ~UpgradeRequest();
  UpgradeRequest(const UpgradeRequest&) = delete;
  UpgradeRequest& operator=(const UpgradeRequest&) = delete;

  [[nodiscard]] std::string octets() const;
  /// Takes response octets; true when the server agreed. Errors: upgrade_refused (detail() says what came).
  TransportResult<bool> feed(ByteView input);
  /// The first frames, if they came with the response. Precondition: feed() returned true.
  [[nodiscard]] ByteView rest() const;
  /// For a person: the status line of a refusal.
  [[nodiscard]] std::string detail() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sotto::transport

#include "transport/http.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <boost/beast/http.hpp>

#include "result/check.h"
#include "transport/websocket.h"

namespace sotto::transport {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::string_view kWebSocketVersion = "13";
/// Base64 of 16 octets.
constexpr std::size_t kKeyCharacters = 24;
/// Octets fed but not yet understood: a header, or one chunk's size line.
constexpr std::size_t kMaxPendingOctets = 2 * kMaxHttpHeaderOctets;

TransportError classify(const beast::error_code& code) {
  const bool over_limit = code == http::error::header_limit || code == http::error::body_limit ||
                          code == http::error::buffer_overflow;
  return over_limit ? TransportError::too_large : TransportError::bad_request;
}

beast::string_view to_beast(std::string_view text) { return {text.data(), text.size()}; }

std::string base64(ByteView octets) {
  std::string out((octets.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), octets.data(),
                  static_cast<int>(octets.size()));
  out.pop_back();
  return out;
}

/// RFC 6455 4.2.1: base64 of 16 octets, that is 22 characters and two signs of padding.
bool is_key(std::string_view key) {
  if (key.size() != kKeyCharacters || !key.ends_with("==") || key[21] == '=') return false;
  ByteArray<18> decoded{};
  return EVP_DecodeBlock(decoded.data(), reinterpret_cast<const unsigned char*>(key.data()),
                         static_cast<int>(key.size())) == static_cast<int>(decoded.size());
}

bool has_token(const HttpRequest& request, std::string_view field, std::string_view token) {
  return std::ranges::any_of(request.fields, [&](const auto& entry) {
    return beast::iequals(to_beast(entry.first), to_beast(field)) &&
           http::token_list(to_beast(entry.second)).exists(to_beast(token));
  });
}

std::string reason_phrase(unsigned status) {
  return std::string(http::obsolete_reason(http::int_to_status(status)));
}

}  // namespace

namespace {

std::string_view find_field(const HttpFields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (beast::iequals(to_beast(key), to_beast(name))) return value;
  }
  return {};
}

}  // namespace

std::string_view HttpRequest::field(std::string_view name) const { return find_field(fields, name); }
std::string_view HttpAnswer::field(std::string_view name) const { return find_field(fields, name); }

std::string_view HttpRequest::path() const { return std::string_view(target).substr(0, target.find('?')); }

std::string serialize(const HttpResponse& response, bool keep_alive, bool head) {
  std::string out = fmt::format("HTTP/1.1 {} {}\r\nContent-Length: {}\r\nConnection: {}\r\n", response.status,
                                reason_phrase(response.status),
                                response.long_body ? response.long_body->octets : response.body.size(),
                                keep_alive ? "keep-alive" : "close");
  if (!response.content_type.empty()) out += fmt::format("Content-Type: {}\r\n", response.content_type);
  for (const auto& [name, value] : response.fields) out += fmt::format("{}: {}\r\n", name, value);
  out += "\r\n";
  if (!head && !response.long_body) out += response.body;
  return out;
}

HttpHandler at_once(std::function<HttpResponse(const HttpRequest&)> answer) {
  return [answer = std::move(answer)](const HttpRequest& request, const HttpReply& reply) {
    reply(answer(request));
  };
}

namespace {

/// A body that can be taken away while it comes. Unlike Beast's own it takes no memory for what is only
/// announced.
struct GrowingBody {
  using value_type = std::string;

  class reader {
   public:
    template <bool IsRequest, typename Fields>
    reader(http::header<IsRequest, Fields>&, std::string& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>&, beast::error_code& code) { code = {}; }
    template <typename Buffers>
    std::size_t put(const Buffers& buffers, beast::error_code& code) {
      const std::size_t before = body_.size();
      for (const auto part : beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(part.data()), part.size());
      }
      code = {};
      return body_.size() - before;
    }
    void finish(beast::error_code& code) { code = {}; }

   private:
    std::string& body_;
  };
};

}  // namespace

struct HttpRequestReader::State {
  http::request_parser<GrowingBody> parser;
  std::string pending;
  BodyLimit limit;

  TransportResult<bool> parse();
  TransportResult<void> ask_limit();
};

namespace {

/// All but the body.
HttpRequest head_of(const http::request<GrowingBody>& message) {
  HttpRequest out;
  out.method = std::string(message.method_string());
  out.target = std::string(message.target());
  for (const auto& entry : message) out.fields.emplace_back(entry.name_string(), entry.value());
  out.keep_alive = message.keep_alive();
  return out;
}

}  // namespace

HttpRequestReader::HttpRequestReader(std::size_t max_body_octets, BodyLimit limit)
    : state_(std::make_unique<State>()) {
  state_->parser.header_limit(kMaxHttpHeaderOctets);
  if (limit) {
    state_->parser.body_limit(boost::none);  // it is asked before the body
  } else {
    state_->parser.body_limit(max_body_octets);
  }
  // With a limit to be asked for, the parser stops behind the header first.
  state_->parser.eager(!limit);
  state_->limit = std::move(limit);
}
HttpRequestReader::~HttpRequestReader() = default;
HttpRequestReader::HttpRequestReader(HttpRequestReader&&) noexcept = default;
HttpRequestReader& HttpRequestReader::operator=(HttpRequestReader&&) noexcept = default;

TransportResult<bool> HttpRequestReader::State::parse() {
  while (!pending.empty() && !parser.is_done()) {
    beast::error_code code;
    const std::size_t used = parser.put(boost::asio::buffer(pending), code);
    if (code && code != http::error::need_more) return err(classify(code));
    pending.erase(0, used);
    if (parser.is_header_done() && limit) SOTTO_CHECK_OK(ask_limit());
    if (code == http::error::need_more || used == 0) break;
  }
  if (!parser.is_done() && pending.size() > kMaxPendingOctets) return err(TransportError::too_large);
  return parser.is_done();
}

TransportResult<void> HttpRequestReader::State::ask_limit() {
  const std::size_t octets = std::exchange(limit, {})(head_of(parser.get()));
  const auto announced = parser.content_length();
  if (announced && *announced > octets) return err(TransportError::too_large);
  parser.body_limit(octets);
  parser.eager(true);
  return {};
}

TransportResult<bool> HttpRequestReader::feed(ByteView input) {
  try {
    state_->pending += as_chars(input);
    return state_->parse();
  } catch (const std::exception&) {
    return err(TransportError::bad_request);
  }
}

std::string HttpRequestReader::take_body() { return std::exchange(state_->parser.get().body(), {}); }

HttpRequest HttpRequestReader::take() {
  SOTTO_CHECK(state_->parser.is_done());
  auto& message = state_->parser.get();
  HttpRequest out = head_of(message);
  out.body = std::move(message.body());
  return out;
}

ByteView HttpRequestReader::rest() const { return as_bytes(state_->pending); }

std::string serialize(const HttpAsk& request, std::string_view host) {
  std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: keep-alive\r\n", request.method,
                                request.target, host);
  if (!request.body.empty()) out += fmt::format("Content-Length: {}\r\n", request.body.size());
  for (const auto& [name, value] : request.fields) out += fmt::format("{}: {}\r\n", name, value);
  return out + "\r\n";
}

struct HttpAnswerReader::State {
  http::response_parser<http::string_body> parser;
  std::string pending;
};

HttpAnswerReader::HttpAnswerReader(std::size_t max_body_octets, bool head)
    : state_(std::make_unique<State>()) {
  state_->parser.header_limit(kMaxHttpHeaderOctets);
  state_->parser.body_limit(max_body_octets);
  state_->parser.eager(true);
  state_->parser.skip(head);
}
HttpAnswerReader::~HttpAnswerReader() = default;
HttpAnswerReader::HttpAnswerReader(HttpAnswerReader&&) noexcept = default;
HttpAnswerReader& HttpAnswerReader::operator=(HttpAnswerReader&&) noexcept = default;

TransportResult<bool> HttpAnswerReader::feed(ByteView input) {
  auto& [parser, pending] = *state_;
  try {
    pending += as_chars(input);
    while (!pending.empty() && !parser.is_done()) {
      beast::error_code code;
      const std::size_t used = parser.put(boost::asio::buffer(pending), code);
      if (code && code != http::error::need_more) return err(classify(code));
      pending.erase(0, used);
      if (code == http::error::need_more || used == 0) break;
    }
  } catch (const std::exception&) {
    return err(TransportError::bad_request);
  }
  if (!parser.is_done() && pending.size() > kMaxPendingOctets) return err(TransportError::too_large);
  // Nobody asked for more than one answer.
  if (parser.is_done() && !pending.empty()) return err(TransportError::bad_request);
  return parser.is_done();
}

bool HttpAnswerReader::close() {
  auto& parser = state_->parser;
  if (!parser.is_header_done() || parser.is_done() || !parser.need_eof()) return false;
  beast::error_code code;
  parser.put_eof(code);
  return !code && parser.is_done();
}

HttpAnswer HttpAnswerReader::take() {
  SOTTO_CHECK(state_->parser.is_done());
  auto& message = state_->parser.get();
  HttpAnswer out;
  out.status = message.result_int();
  for (const auto& entry : message) out.fields.emplace_back(entry.name_string(), entry.value());
  out.body = to_bytes(as_bytes(message.body()));
  out.keep_alive = state_->parser.keep_alive();
  return out;
}

bool wants_upgrade(const HttpRequest& request) {
  return has_token(request, "Connection", "upgrade") && has_token(request, "Upgrade", "websocket");
}

TransportResult<std::string> accept_upgrade(const HttpRequest& request, std::string_view subprotocol) {
  const std::string_view key = request.field("Sec-WebSocket-Key");
  if (request.method != "GET" || !wants_upgrade(request) || !is_key(key) ||
      request.field("Sec-WebSocket-Version") != kWebSocketVersion) {
    return err(TransportError::bad_request);
  }
  std::string out = fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: {}\r\n",
      accept_key(key));
  if (!subprotocol.empty() && has_token(request, "Sec-WebSocket-Protocol", subprotocol)) {
    out += fmt::format("Sec-WebSocket-Protocol: {}\r\n", subprotocol);
  }
  return out + "\r\n";
}

struct UpgradeRequest::State {
  std::string host;
  std::string path;
  std::string key;
  http::response_parser<http::string_body> parser;
  std::string pending;
  std::string detail;

  [[nodiscard]] bool agreed() const;
};

UpgradeRequest::UpgradeRequest(std::string host, std::string path, const ByteArray<16>& nonce)
    : state_(std::make_unique<State>()) {
  state_->host = std::move(host);
  state_->path = std::move(path);
  state_->key = base64(nonce);
  state_->parser.header_limit(kMaxHttpHeaderOctets);
}
UpgradeRequest::~UpgradeRequest() = default;

std::string UpgradeRequest::octets() const {
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: {}\r\nSec-WebSocket-Version: {}\r\n\r\n",
      state_->path, state_->host, state_->key, kWebSocketVersion);
}

bool UpgradeRequest::State::agreed() const {
  const auto& message = parser.get();
  return message.result_int() == 101 && http::token_list(message["Connection"]).exists("upgrade") &&
         beast::iequals(message["Upgrade"], "websocket") &&
         std::string_view(message["Sec-WebSocket-Accept"]) == accept_key(key) &&
         message.find("Sec-WebSocket-Extensions") == message.end();
}

TransportResult<bool> UpgradeRequest::feed(ByteView input) {
  try {
    state_->pending += as_chars(input);
    beast::error_code code;
    const std::size_t used = state_->parser.put(boost::asio::buffer(state_->pending), code);
    if (code && code != http::error::need_more) {
      state_->detail = "the answer is not HTTP: " + code.message();
      return err(TransportError::upgrade_refused);
    }
    state_->pending.erase(0, used);
  } catch (const std::exception&) {
    return err(TransportError::upgrade_refused);
  }
  if (!state_->parser.is_header_done()) return false;
  if (state_->agreed()) return true;
  const unsigned status = state_->parser.get().result_int();
  state_->detail = fmt::format("HTTP status {} {}", status, reason_phrase(status));
  return err(TransportError::upgrade_refused);
}

ByteView UpgradeRequest::rest() const { return as_bytes(state_->pending); }

std::string UpgradeRequest::detail() const { return state_->detail; }

}  // namespace sotto::transport

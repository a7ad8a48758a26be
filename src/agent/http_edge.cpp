#include "agent/http_edge.h"

#include <fmt/format.h>

#include "agent/answers.h"
#include "agent/assets.h"
#include "agent/token.h"

namespace sotto::agent {
namespace {

using transport::HttpReply;
using transport::HttpRequest;
using transport::HttpResponse;

constexpr std::string_view kRpcPath = "/v1/rpc";
constexpr std::string_view kSubprotocol = "sotto.v1";
constexpr std::string_view kTokenPrefix = "token.";
constexpr std::string_view kBearer = "Bearer ";

/// What every answer carries, whatever it is.
void protect(HttpResponse& response, std::uint16_t port) {
  const auto add = [&response](std::string name, std::string value) {
    response.fields.emplace_back(std::move(name), std::move(value));
  };
  add("Content-Security-Policy",
      fmt::format(
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
          "media-src blob:; font-src 'self'; connect-src 'self' ws://127.0.0.1:{0} ws://localhost:{0}; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          port));
  add("Referrer-Policy", "no-referrer");
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Permissions-Policy",
      "camera=(self), geolocation=(self), microphone=(self), display-capture=(), payment=(), usb=(), "
      "serial=(), "
      "hid=(), bluetooth=(), midi=(), clipboard-read=(self), clipboard-write=(self)");
}

HttpResponse page(const HttpRequest& request) {
  if (request.method != "GET" && request.method != "HEAD") return refusal(405, "this path can only be read");
  const Asset* asset = find_asset(request.path());
  if (asset == nullptr) return refusal(404, "there is nothing at this path");
  HttpResponse response;
  response.fields.emplace_back("ETag", asset->etag);
  response.fields.emplace_back("Cache-Control",
                               asset->immutable ? "public, max-age=31536000, immutable" : "no-store");
  response.content_type = asset->content_type;
  if (asset->immutable && request.field("If-None-Match") == asset->etag) {
    response.status = 304;
    return response;
  }
  response.body = asset->octets;
  return response;
}

/// The token among the subprotocols that a browser offers: it can send no other field of its own.
std::string_view offered_token(std::string_view protocols) {
  for (std::size_t at = 0; at < protocols.size();) {
    const std::size_t comma = std::min(protocols.find(',', at), protocols.size());
    std::string_view each = protocols.substr(at, comma - at);
    at = comma + 1;
    while (each.starts_with(' ')) each.remove_prefix(1);
    while (each.ends_with(' ')) each.remove_suffix(1);
    if (each.starts_with(kTokenPrefix)) return each.substr(kTokenPrefix.size());
  }
  return {};
}

/// Empty where none is given.
std::string_view bearer_of(const HttpRequest& request) {
  const std::string_view authorization = request.field("Authorization");
  return authorization.starts_with(kBearer) ? authorization.substr(kBearer.size()) : std::string_view();
}

}  // namespace

/// A WebSocket.
class HttpEdge::Socket final : public Peer {
 public:
  Socket(transport::Listener& listener, transport::ConnectionId id, Agent& agent)
      : listener_(listener), id_(id), agent_(agent), session_(agent.open(*this)) {}
  ~Socket() override { agent_.close(session_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void send(const std::string& text) override { listener_.send(id_, as_bytes(text)); }
  [[nodiscard]] std::size_t unread() const override { return listener_.unsent(id_); }
  [[nodiscard]] SessionId session() const { return session_; }

 private:
  transport::Listener& listener_;
  transport::ConnectionId id_;
  Agent& agent_;
  SessionId session_;
};

HttpEdge::HttpEdge(boost::asio::io_context& loop, std::string token, Agent& agent)
    : token_(std::move(token)), agent_(agent), files_(agent), uploads_(loop, agent) {}

HttpEdge::~HttpEdge() = default;

transport::TransportResult<std::unique_ptr<HttpEdge>> HttpEdge::start(boost::asio::io_context& loop,
                                                                      std::uint16_t port, std::string token,
                                                                      Agent& agent) {
  std::unique_ptr<HttpEdge> edge(new HttpEdge(loop, std::move(token), agent));
  transport::ListenerOptions options;
  options.endpoint = transport::TcpEndpoint{"127.0.0.1", port};
  options.stream_path = kRpcPath;
  options.answers_on_stream_path = true;
  options.stream_messages = transport::MessageType::text;
  options.subprotocol = kSubprotocol;
  options.behind_proxy = false;
  options.max_connections = kMaxHttpConnections;
  options.max_message_octets = kMaxRequestOctets;
  options.max_http_body_octets = kMaxRequestOctets;
  options.take_body = [raw = edge.get()](const HttpRequest& head) { return raw->take_body(head); };
  options.max_unsent_octets = std::size_t{16} << 20;
  options.admit_stream = [raw = edge.get()](const HttpRequest& request) {
    return raw->refuse_stream(request);
  };
  auto listener = transport::Listener::start(
      loop, std::move(options), std::nullopt,
      [raw = edge.get()](const HttpRequest& request, HttpReply reply) { raw->answer(request, reply); },
      edge.get());
  if (!listener) return err(listener.error());
  edge->listener_ = *std::move(listener);
  return edge;
}

bool HttpEdge::is_own_host(std::string_view host) const {
  const std::string port = fmt::format(":{}", listener_->port());
  return host == "127.0.0.1" + port || host == "localhost" + port;
}

bool HttpEdge::is_own_origin(const HttpRequest& request) const {
  // A page elsewhere that had its name lead here would bring its own name as the host.
  if (!is_own_host(request.field("Host"))) return false;
  constexpr std::string_view kScheme = "http://";
  const std::string_view origin = request.field("Origin");
  if (origin.empty()) return true;
  return origin.starts_with(kScheme) && is_own_host(origin.substr(kScheme.size()));
}

std::optional<HttpResponse> HttpEdge::refuse_stream(const HttpRequest& request) const {
  std::optional<HttpResponse> response;
  if (!is_own_origin(request)) {
    response = refusal(403, "this agent serves pages of its own address only");
  } else if (!is_token(offered_token(request.field("Sec-WebSocket-Protocol")), token_)) {
    response = refusal(401, "the token is missing or wrong; open the address that `sotto agent` printed");
  }
  if (response) protect(*response, listener_->port());
  return response;
}

void HttpEdge::answer(const HttpRequest& request, const HttpReply& reply) {
  const HttpReply safe = [reply, port = listener_->port()](HttpResponse response) {
    protect(response, port);
    reply(std::move(response));
  };
  if (!is_own_origin(request)) return safe(refusal(403, "this agent serves pages of its own address only"));
  const bool is_file = request.path().starts_with(kFilesPath);
  if (request.path() != kRpcPath && !is_file) return safe(page(request));
  if (!has_token(request)) {
    // Apps have a token of their own, and no way in but calls.
    const auto app = is_file ? std::nullopt : agent_.app_with_token(bearer_of(request));
    if (app) return call(request, app, safe);
    return safe(refusal(401, "the token is missing or wrong; it is in the profile's file agent-token"));
  }
  if (is_file) return files_.answer(request, safe);
  call(request, std::nullopt, safe);
}

transport::HttpBodySinkPtr HttpEdge::take_body(const HttpRequest& head) {
  const bool is_upload = head.method == "POST" && head.path() == kFilesPath;
  if (!is_upload || !is_own_origin(head) || !has_token(head)) return nullptr;
  return uploads_.take(head, [port = listener_->port()](HttpResponse& response) { protect(response, port); });
}

bool HttpEdge::has_token(const HttpRequest& request) const { return is_token(bearer_of(request), token_); }

void HttpEdge::call(const HttpRequest& request, std::optional<client::AppRow> app, const HttpReply& reply) {
  if (request.method != "POST") return reply(refusal(405, "calls are sent with POST"));
  const Agent::Reply answered = [reply](std::string answer) {
    HttpResponse response;
    response.status = answer.empty() ? 204 : 200;
    response.content_type = answer.empty() ? "" : "application/json";
    response.body = std::move(answer);
    response.fields.emplace_back("Cache-Control", "no-store");
    reply(std::move(response));
  };
  if (app) return agent_.call_as_app(*app, request.body, answered);
  agent_.call(request.body, answered);
}

void HttpEdge::on_open(const transport::ConnectionInfo& info) {
  sockets_.emplace(info.id.value(), std::make_unique<Socket>(*listener_, info.id, agent_));
}

void HttpEdge::on_message(transport::ConnectionId id, ByteView message) {
  const auto found = sockets_.find(id.value());
  if (found != sockets_.end()) agent_.take(found->second->session(), as_chars(message));
}

void HttpEdge::on_close(transport::ConnectionId id, transport::TransportError) { sockets_.erase(id.value()); }

void HttpEdge::on_writable(transport::ConnectionId id) {
  const auto found = sockets_.find(id.value());
  if (found != sockets_.end()) agent_.resume(found->second->session());
}

}  // namespace sotto::agent

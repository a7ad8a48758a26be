#include "server_line.h"

#include <charconv>
#include <utility>

#include "bytes/hex.h"

namespace sotto::audit_cli {
namespace {

using transport::TransportError;

std::string explain(const transport::ConnectionEnd& end) {
  switch (end.reason) {
    case TransportError::dns_failed: return "its name has no address";
    case TransportError::unreachable: return "nothing answers there";
    case TransportError::timed_out: return "it does not answer";
    case TransportError::certificate_mismatch:
      return "it shows another TLS key than the one given with --pin; compare it with what sottod prints";
    case TransportError::certificate_untrusted: return "its certificate is not trusted";
    case TransportError::tls_failed: return "the TLS handshake failed";
    case TransportError::not_post_quantum: return "it offers no post-quantum TLS";
    case TransportError::closed_by_peer:
    case TransportError::shutting_down: return "it closed the connection";
    case TransportError::connection_lost: return "the connection was lost";
    default: return std::string(transport::describe(end.reason));
  }
}

}  // namespace

Outcome<ServerAddress> parse_server(const std::string& server, const std::string& pin) {
  const Failure usage{ExitCode::usage, "--server has to be HOST:PORT, for example chat.example.org:7443"};
  const std::size_t colon = server.rfind(':');
  if (colon == std::string::npos || colon == 0) return err(usage);
  ServerAddress out{.host = server.substr(0, colon), .port = 0, .pin = std::nullopt};
  if (out.host.front() == '[' && out.host.back() == ']') out.host = out.host.substr(1, out.host.size() - 2);
  const char* end = server.data() + server.size();
  const auto parsed = std::from_chars(server.data() + colon + 1, end, out.port);
  if (parsed.ec != std::errc() || parsed.ptr != end || out.port == 0 || out.host.empty()) return err(usage);
  if (pin.empty()) return out;
  const auto octets = from_hex(pin);
  if (!octets || octets->size() != sizeof(transport::SpkiPin)) {
    return err(
        Failure{ExitCode::usage, "--pin has to be the 64 hexadecimal digits that sottod prints as TLS key"});
  }
  out.pin = to_array<sizeof(transport::SpkiPin)>(*octets);
  return out;
}

ServerLine::ServerLine(boost::asio::io_context& context, ServerAddress address, Events events)
    : context_(context), address_(std::move(address)), events_(std::move(events)) {}

ServerLine::~ServerLine() = default;

void ServerLine::connect(bool identity_known) {
  identity_known_ = identity_known;
  transport::ServerVerification verification = transport::AuthorityTrust{};
  if (trusted_) {
    verification = transport::PinnedKeys{{*trusted_}};
  } else if (address_.pin) {
    verification = transport::PinnedKeys{{*address_.pin}};
  }
  auto tls = transport::TlsClientContext::create(verification);
  if (!tls) return events_.closed(std::string(transport::describe(tls.error())));
  transport::ClientOptions options;
  options.endpoint = transport::TcpEndpoint{address_.host, address_.port};
  connection_ = transport::ClientConnection::open(context_, std::move(options), *std::move(tls), *this);
}

void ServerLine::send(ByteView message) {
  if (connection_) connection_->send(message);
}

void ServerLine::hang_up() {
  connection_.reset();
  open_ = false;
}

void ServerLine::on_open(const transport::ClientConnectionInfo& info) {
  open_ = true;
  events_.opened(info.server_pin);
}

void ServerLine::on_message(ByteView message) { events_.received(message); }

/// At the first contact without a pin the key is believed once; later the pinned identity has to vouch for
/// whatever key there is, which is checked before anything is asked.
bool ServerLine::trust_seen_key(const transport::ConnectionEnd& end) {
  if (!end.server_pin || trusted_ == end.server_pin) return false;
  const bool untrusted = end.reason == TransportError::certificate_untrusted;
  const bool another = end.reason == TransportError::certificate_mismatch;
  const bool first = !identity_known_ && !address_.pin && !trusted_ && untrusted;
  const bool renewed = identity_known_ && (untrusted || another);
  if (!first && !renewed) return false;
  trusted_ = end.server_pin;
  return true;
}

void ServerLine::on_close(const transport::ConnectionEnd& end) {
  const bool was_open = std::exchange(open_, false);
  connection_.reset();
  if (!was_open && trust_seen_key(end)) return connect(identity_known_);
  events_.closed(explain(end));
}

}  // namespace sotto::audit_cli

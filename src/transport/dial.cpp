#include "transport/dial.h"

#include <cstring>

namespace sotto::transport {
namespace {

/// Addresses of one name to try, so that a hostile resolver cannot keep us busy.
constexpr std::size_t kMaxAddresses = 8;
constexpr std::uint16_t kHttpsPort = 443;

}  // namespace

Dialer::Dialer(const Executor& executor, Endpoint endpoint, std::string server_name)
    : executor_(executor),
      endpoint_(std::move(endpoint)),
      server_name_(std::move(server_name)),
      resolver_(executor) {}

Awaitable<std::optional<DialFailure>> Dialer::dial(const std::optional<TlsClientContext>& tls) {
  std::vector<SocketAddress> addresses;
  if (auto failure = co_await find_addresses(addresses)) co_return failure;
  if (!co_await connect(std::move(addresses))) {
    co_return DialFailure{TransportError::unreachable, "nothing accepts connections there"};
  }
  link->records =
      tls ? tls_client_records(link->socket(), *tls, server_name()) : plain_records(link->socket());
  if (!link->records) {
    co_return DialFailure{TransportError::library_failure, "TLS cannot be set up for this name"};
  }
  const IoStatus status = co_await link->handshake();
  if (status == IoStatus::done) co_return std::nullopt;
  co_return failure_of(status, "during the TLS handshake");
}

Awaitable<std::optional<DialFailure>> Dialer::find_addresses(std::vector<SocketAddress>& out) {
  if (const auto* local = std::get_if<UnixEndpoint>(&endpoint_)) {
    if (const auto address = unix_address(local->path)) out.push_back(*address);
    co_return std::nullopt;
  }
  const auto& tcp = std::get<TcpEndpoint>(endpoint_);
  if (const auto address = literal_address(tcp.host, tcp.port)) {
    out.push_back(*address);
    co_return std::nullopt;
  }
  const auto [code, results] = co_await resolver_.async_resolve(tcp.host, std::to_string(tcp.port), kAwait);
  if (code) co_return DialFailure{TransportError::dns_failed, tcp.host + ": " + code.message()};
  for (const auto& entry : results) {
    if (out.size() == kMaxAddresses) break;
    SocketAddress address;
    address.length = static_cast<socklen_t>(entry.endpoint().size());
    std::memcpy(&address.storage, entry.endpoint().data(), entry.endpoint().size());
    out.push_back(address);
  }
  co_return std::nullopt;
}

Awaitable<bool> Dialer::connect(std::vector<SocketAddress> addresses) {
  for (const SocketAddress& address : addresses) {
    if (aborted_) co_return false;
    auto [socket, start] = start_connect(address);
    if (start == ConnectStart::failed) continue;
    link = std::make_unique<Link>(executor_, std::move(socket));
    if (start == ConnectStart::in_progress) {
      if (!co_await link->ready(IoStatus::want_write) || !connect_succeeded(link->socket())) continue;
    }
    disable_send_delay(link->socket());
    co_return true;
  }
  co_return false;
}

void Dialer::abort() {
  aborted_ = true;
  resolver_.cancel();
  if (link) link->abort();
}

DialFailure Dialer::failure_of(IoStatus status, const char* doing) const {
  if (status != IoStatus::failed) {
    return {TransportError::connection_lost, std::string("the connection ended ") + doing};
  }
  RecordsFailure failure = link->records->failure();
  return {failure.reason, std::move(failure.detail)};
}

std::string Dialer::server_name() const {
  if (!server_name_.empty()) return server_name_;
  const auto* tcp = std::get_if<TcpEndpoint>(&endpoint_);
  return tcp != nullptr ? tcp->host : "localhost";
}

std::string Dialer::host_field() const {
  std::string name = server_name();
  if (name.find(':') != std::string::npos) name = "[" + name + "]";
  const auto* tcp = std::get_if<TcpEndpoint>(&endpoint_);
  return tcp == nullptr || tcp->port == kHttpsPort ? name : name + ":" + std::to_string(tcp->port);
}

}  // namespace sotto::transport

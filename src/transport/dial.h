// Name, TCP, TLS: how every outgoing connection begins. Internal to the module.
#pragma once

#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport/endpoint.h"
#include "transport/link.h"
#include "transport/tls.h"

namespace sotto::transport {

struct DialFailure {
  TransportError reason;
  std::string detail;  ///< for a person or a log; may be empty
};

class Dialer {
 public:
  /// `server_name` is for SNI, the certificate check and the Host field; empty: the TCP endpoint's host, or
  /// "localhost".
  Dialer(const Executor& executor, Endpoint endpoint, std::string server_name);

  /// Connects to the first address that accepts, then does TLS unless `tls` is empty. Empty: `link` is ready.
  Awaitable<std::optional<DialFailure>> dial(const std::optional<TlsClientContext>& tls);
  /// Stops dial() and whatever waits for the link, now and from now on.
  void abort();
  /// Why the link's record layer said this.
  [[nodiscard]] DialFailure failure_of(IoStatus status, const char* doing) const;
  /// For HTTP.
  [[nodiscard]] std::string host_field() const;

  std::unique_ptr<Link> link;  ///< once a socket is connecting, also where TLS failed then

 private:
  using Resolver = boost::asio::ip::basic_resolver<boost::asio::ip::tcp, Executor>;

  Awaitable<std::optional<DialFailure>> find_addresses(std::vector<SocketAddress>& out);
  Awaitable<bool> connect(std::vector<SocketAddress> addresses);
  [[nodiscard]] std::string server_name() const;

  Executor executor_;
  Endpoint endpoint_;
  std::string server_name_;
  Resolver resolver_;
  bool aborted_ = false;
};

}  // namespace sotto::transport

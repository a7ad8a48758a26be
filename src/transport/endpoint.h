// Where a listener listens and a client connects.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace sotto::transport {

/// Listening: a literal IPv4 or IPv6 address (port 0: any free one). Connecting: a literal or a host name.
struct TcpEndpoint {
  std::string host;
  std::uint16_t port = 0;
};

/// A unix stream socket. Listening replaces a stale socket file and sets mode 0660.
struct UnixEndpoint {
  std::string path;
};

using Endpoint = std::variant<TcpEndpoint, UnixEndpoint>;

}  // namespace sotto::transport

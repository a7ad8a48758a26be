#include "transport/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sotto::transport {
namespace {

/// The kernel caps it at net.core.somaxconn.
constexpr int kListenBacklog = 4096;
constexpr mode_t kUnixSocketMode = 0660;

bool set_option(int socket, int level, int option) {
  const int on = 1;
  return ::setsockopt(socket, level, option, &on, sizeof(on)) == 0;
}

FileDescriptor new_socket(int family) {
  return FileDescriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

bool is_in_use(const SocketAddress& address) {
  const auto [probe, start] = start_connect(address);
  return start != ConnectStart::failed;
}

TransportResult<FileDescriptor> listen_tcp(const TcpEndpoint& endpoint, bool share_port) {
  const auto address = literal_address(endpoint.host, endpoint.port);
  if (!address) return err(TransportError::address_unusable);
  FileDescriptor socket = new_socket(address->storage.ss_family);
  if (!socket.valid() || !set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR) ||
      (share_port && !set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT)) ||
      ::bind(socket.get(), address->get(), address->length) != 0 ||
      ::listen(socket.get(), kListenBacklog) != 0) {
    return err(TransportError::address_unusable);
  }
  return socket;
}

TransportResult<FileDescriptor> listen_unix(const UnixEndpoint& endpoint) {
  const auto address = unix_address(endpoint.path);
  if (!address || is_in_use(*address)) return err(TransportError::address_unusable);
  struct stat found{};
  if (::lstat(endpoint.path.c_str(), &found) == 0) {
    if (!S_ISSOCK(found.st_mode)) return err(TransportError::address_unusable);
    ::unlink(endpoint.path.c_str());
  }
  FileDescriptor socket = new_socket(AF_UNIX);
  if (!socket.valid() || ::bind(socket.get(), address->get(), address->length) != 0 ||
      ::chmod(endpoint.path.c_str(), kUnixSocketMode) != 0 || ::listen(socket.get(), kListenBacklog) != 0) {
    return err(TransportError::address_unusable);
  }
  return socket;
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    if (valid()) ::close(number_);
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (valid()) ::close(number_);
}

std::optional<SocketAddress> literal_address(const std::string& host, std::uint16_t port) {
  SocketAddress out;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
  if (::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    out.length = sizeof(*v4);
    return out;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
  if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    out.length = sizeof(*v6);
    return out;
  }
  return std::nullopt;
}

std::optional<SocketAddress> unix_address(const std::string& path) {
  SocketAddress out;
  auto* address = reinterpret_cast<sockaddr_un*>(&out.storage);
  if (path.empty() || path.size() >= sizeof(address->sun_path)) return std::nullopt;
  address->sun_family = AF_UNIX;
  std::memcpy(address->sun_path, path.c_str(), path.size() + 1);
  out.length = sizeof(*address);
  return out;
}

TransportResult<FileDescriptor> open_listening_socket(const Endpoint& endpoint, bool share_port) {
  if (const auto* tcp = std::get_if<TcpEndpoint>(&endpoint)) return listen_tcp(*tcp, share_port);
  return listen_unix(std::get<UnixEndpoint>(endpoint));
}

std::uint16_t bound_port(int socket) {
  SocketAddress address;
  address.length = sizeof(address.storage);
  if (::getsockname(socket, address.get(), &address.length) != 0) return 0;
  if (address.storage.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
  }
  if (address.storage.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port);
  }
  return 0;
}

std::string peer_address(int socket) {
  SocketAddress address;
  address.length = sizeof(address.storage);
  if (::getpeername(socket, address.get(), &address.length) != 0) return {};
  char text[INET6_ADDRSTRLEN] = {};
  switch (address.storage.ss_family) {
    case AF_UNIX: return "unix";
    case AF_INET:
      ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_addr, text,
                  sizeof(text));
      break;
    case AF_INET6: {
      const in6_addr& v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr;
      // An IPv4 peer of a listener on "::" has the same name as on "0.0.0.0".
      const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6);
      ::inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? &v6.s6_addr[12] : &v6.s6_addr[0], text, sizeof(text));
      break;
    }
    default: break;
  }
  return text;
}

void disable_send_delay(int socket) { set_option(socket, IPPROTO_TCP, TCP_NODELAY); }

std::pair<FileDescriptor, ConnectStart> start_connect(const SocketAddress& address) {
  FileDescriptor socket = new_socket(address.storage.ss_family);
  if (!socket.valid()) return {std::move(socket), ConnectStart::failed};
  const int outcome = ::connect(socket.get(), address.get(), address.length);
  if (outcome == 0) return {std::move(socket), ConnectStart::connected};
  const bool waiting = errno == EINPROGRESS || errno == EINTR;
  return {std::move(socket), waiting ? ConnectStart::in_progress : ConnectStart::failed};
}

bool connect_succeeded(int socket) {
  int error = 0;
  socklen_t length = sizeof(error);
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
}

}  // namespace sotto::transport

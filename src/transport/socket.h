// POSIX sockets as values: opening, accepting, addresses. Everything non-blocking and close-on-exec. Internal
// to the module.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "transport/endpoint.h"
#include "transport/error.h"

namespace sotto::transport {

/// Owns one file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool valid() const { return number_ >= 0; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

/// A socket address of any family.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// A literal IPv4 or IPv6 address with a port, or nullopt for anything else (a host name).
std::optional<SocketAddress> literal_address(const std::string& host, std::uint16_t port);
/// Nullopt when the path is empty or too long for sockaddr_un.
std::optional<SocketAddress> unix_address(const std::string& path);

/// Binds and listens. Errors: address_unusable.
TransportResult<FileDescriptor> open_listening_socket(const Endpoint& endpoint, bool share_port);
/// The port a TCP socket is bound to; 0 for other families.
std::uint16_t bound_port(int socket);
/// The peer's address without its port; "unix" for unix sockets; empty when unknown.
std::string peer_address(int socket);
/// Sends small writes at once: batching is ours.
void disable_send_delay(int socket);

enum class ConnectStart : std::uint8_t { connected, in_progress, failed };
/// Begins to connect. An invalid descriptor or `failed`: this address cannot be reached.
std::pair<FileDescriptor, ConnectStart> start_connect(const SocketAddress& address);
/// Once writable: did the connection come about?
bool connect_succeeded(int socket);

}  // namespace sotto::transport

// The one error enum of the transport module: why an operation failed and why a connection ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::transport {

enum class TransportError : std::uint8_t {
  file_failed,            ///< a certificate or key file cannot be read or written
  bad_certificate,        ///< certificate or key do not parse, do not match, or a name is unusable
  library_failure,        ///< OpenSSL or the kernel refused something that should not fail
  address_unusable,       ///< the address to listen on is malformed, taken or not ours
  dns_failed,             ///< the host name has no address
  unreachable,            ///< refused, no route, or no such socket file
  timed_out,              ///< connection, handshake, request or keep-alive took longer than its deadline
  tls_failed,             ///< the TLS handshake or a record failed: no common group, garbage, bad MAC, alert
  certificate_mismatch,   ///< the server's key is not one of the pinned keys
  certificate_untrusted,  ///< no chain to a trusted root, wrong host name, or expired
  not_post_quantum,       ///< the stream was asked for over a TLS group that is not post-quantum
  bad_request,            ///< not HTTP/1.1, over a header or body limit, or a malformed upgrade
  upgrade_refused,        ///< the server answered the upgrade with anything but a valid 101
  protocol_error,         ///< the peer broke RFC 6455
  unsupported_data,       ///< the peer sent a text message
  too_large,              ///< a message over the limit
  slow_consumer,          ///< the peer did not take what was sent to it; the unsent rest is dropped
  closed_by_peer,         ///< the peer ended the stream, or the HTTP exchange, in order
  closed_locally,         ///< close() or the end of an HTTP exchange on our side
  shutting_down,          ///< ended by stop()
  connection_lost,        ///< the connection ended without a close message
};
inline constexpr std::size_t kTransportErrorCount = 21;

/// The enumerator's name, for logs and metrics labels.
std::string_view describe(TransportError error);

template <typename T>
using TransportResult = Result<T, TransportError>;

}  // namespace sotto::transport

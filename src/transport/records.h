// The record layer of one connection: octets in, octets out, over a non-blocking socket that the caller owns
// and waits for. Never blocks; knows nothing of event loops.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bytes/bytes.h"
#include "transport/tls.h"

namespace sotto::transport {

enum class IoStatus : std::uint8_t {
  done,        ///< progress was made; for read and write `octets` > 0
  want_read,   ///< try again when the socket is readable
  want_write,  ///< try again when the socket is writable
  closed,      ///< the peer closed in order
  lost,        ///< the connection ended without that, or was reset
  failed,      ///< TLS failed; see RecordsFailure
};

struct IoResult {
  IoStatus status;
  std::size_t octets = 0;
};

/// What a finished handshake agreed on.
struct RecordsInfo {
  Exporter exporter{};
  std::string tls_group;
  std::optional<SpkiPin> peer_pin;
};

struct RecordsFailure {
  TransportError reason;
  std::string detail;
};

class Records {
 public:
  virtual ~Records() = default;
  /// Repeat until done, closed, lost or failed.
  virtual IoResult handshake() = 0;
  /// Precondition: buffer not empty.
  virtual IoResult read(MutableByteView buffer) = 0;
  /// May take only a part. After want_*, the next call must begin with the same octets (they may have moved)
  /// and be at least as long. Precondition: data not empty.
  virtual IoResult write(ByteView data) = 0;
  /// True when octets are already here that a wait for the socket would not announce.
  [[nodiscard]] virtual bool pending() const = 0;
  /// Tells the peer that nothing more will be written; best effort.
  virtual void shutdown() = 0;
  /// Precondition: the handshake is done. Errors: library_failure (no exporter).
  [[nodiscard]] virtual TransportResult<RecordsInfo> info() const = 0;
  /// The key a server showed, also when it was refused.
  [[nodiscard]] virtual std::optional<SpkiPin> peer_pin() const = 0;
  /// Why the last call failed. Precondition: it returned failed.
  [[nodiscard]] virtual RecordsFailure failure() const = 0;
};

/// All three use `socket` (non-blocking) as long as they live and never close it.
std::unique_ptr<Records> plain_records(int socket);
/// Null when memory is out; for a client also when the name cannot be one.
std::unique_ptr<Records> tls_server_records(int socket, const TlsServerContext& context);
/// `server_name` goes into SNI (unless it is an IP address) and, with AuthorityTrust, into the check.
std::unique_ptr<Records> tls_client_records(int socket, const TlsClientContext& context,
                                            const std::string& server_name);

}  // namespace sotto::transport

// Which log an auditor follows: pinned at the first contact and never changed. Also what the server's
// greeting must say for that.
#pragma once

#include <optional>
#include <string>

#include "audit/error.h"
#include "clock/clock.h"
#include "identity/server_statement.h"
#include "transparency/tree_head.h"

namespace sotto::v1 {
class Welcome;
}

namespace sotto::audit {

struct PinnedLog {
  std::string server_name;
  transparency::LogKeys keys;

  /// u8 1 || V(name) || keys
  [[nodiscard]] Bytes encoded() const;
  /// Errors: damaged.
  static AuditResult<PinnedLog> parse(ByteView octets);

  friend bool operator==(const PinnedLog&, const PinnedLog&) = default;
};

/// What a greeting says, or why it is not believed. With `pinned` it has to be the same again. `tls_key`:
/// what the connection showed; none on a connection without TLS. Errors: unsupported_server, other_log,
/// bad_statement.
AuditResult<PinnedLog> check_welcome(const v1::Welcome& welcome, const std::optional<PinnedLog>& pinned,
                                     const std::optional<identity::SpkiHash>& tls_key, UnixMs now);

}  // namespace sotto::audit

// Names of sessions and messages.
#pragma once

#include <compare>
#include <optional>

#include "bytes/bytes.h"
#include "bytes/hex.h"

namespace sotto::session {

/// SID: 16 octets derived by both sides; names a session and orders sessions (section 9). Public.
class SessionId {
 public:
  static constexpr std::size_t kSize = 16;

  constexpr SessionId() = default;
  constexpr explicit SessionId(const ByteArray<kSize>& octets) : octets_(octets) {}
  static std::optional<SessionId> from(ByteView octets) {
    if (octets.size() != kSize) return std::nullopt;
    return SessionId(to_array<kSize>(octets));
  }

  [[nodiscard]] ByteView view() const { return octets_; }
  [[nodiscard]] const ByteArray<kSize>& octets() const { return octets_; }
  friend auto operator<=>(const SessionId&, const SessionId&) = default;

 private:
  ByteArray<kSize> octets_{};
};

inline std::string log_form(const SessionId& id) { return to_hex(id.view().first(4)); }

/// H(wire)[0:16]: names one sent message.
using WireHash = ByteArray<16>;
WireHash wire_hash(ByteView wire);

}  // namespace sotto::session

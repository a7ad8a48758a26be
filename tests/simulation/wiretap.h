// Reads what leaves devices as somebody on the server would, and knows what must never be seen there: two
// messages under one message key (docs/specs/session-protocol.md 5, 6).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "bytes/bytes.h"
#include "session/session_id.h"

namespace sotto::simulation {

class Wiretap {
 public:
  /// One envelope of a submission. What is wrong about it, if anything. `rolled_back`: its sender was once
  /// restored from a backup; it may use an index again, but never a key: the salt makes the difference.
  std::optional<std::string_view> note(ByteView envelope, bool rolled_back);
  [[nodiscard]] std::size_t envelopes() const { return envelopes_; }

 private:
  /// Which key encrypts a message, but for the salt.
  using Index = std::array<std::uint8_t, 16 + 33 + 3 * 4>;
  struct Use {
    ByteArray<16> salt{};
    ByteArray<48> message{};  ///< H(MSG)
  };

  std::multimap<Index, Use> used_;
  std::size_t envelopes_ = 0;
};

}  // namespace sotto::simulation

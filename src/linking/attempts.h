// How often linking failed on this device, and the pause that follows (docs/specs/linking.md 4). A value in
// the device's store: counted before a guess can be made, cleared by success, so that a crash never forgives
// one. Showing attempts and pauses on the account's devices is the client's concern.
#pragma once

#include <optional>
#include <vector>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "linking/error.h"

namespace sotto::linking {

class LinkAttempts {
 public:
  /// When linking may go on; empty when it may now.
  [[nodiscard]] std::optional<UnixMs> paused_until(UnixMs now) const;

  /// With one more run that has not succeeded yet. Errors: paused.
  [[nodiscard]] LinkingResult<LinkAttempts> with_run(UnixMs now) const;

  /// u8 1 || u8 n || n x u64: for the store. A value that was never stored is LinkAttempts{}, and so is what
  /// remains after success.
  [[nodiscard]] Bytes encode() const;
  /// Errors: malformed.
  static LinkingResult<LinkAttempts> decode(ByteView record);

  friend bool operator==(const LinkAttempts&, const LinkAttempts&) = default;

 private:
  std::vector<UnixMs> failures_;  ///< at most kMaxFailures, in the order they happened
};

}  // namespace sotto::linking

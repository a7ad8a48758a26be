// The error enum of the linking module.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::linking {

/// Why a run ended, or could not begin. The peer is told none of it: it gets an abort.
enum class LinkingError : std::uint8_t {
  malformed,       ///< not an encoding that section 5 or 6 allows, or a key that does not decode
  paused,          ///< too many failed runs on this device; attempts.h says until when
  expired,         ///< the code's time is over, or the clock went back
  other_device,    ///< the device that answered is not the one whose QR code was scanned
  unknown_device,  ///< the account's newest manifest does not list the device that answered
  wrong_account,   ///< that manifest is another account's, or has another AIK than the QR code said
  not_confirmed,   ///< the peer has another code, or somebody in between changed something
  bad_device,      ///< confirmed, but what the new device says about itself does not hold
  grant_refused,   ///< the grant to be sealed does not fit the run's account and devices
  bad_grant,       ///< a grant that does not open or whose parts do not fit together
};

std::string_view describe(LinkingError error);

template <typename T>
using LinkingResult = Result<T, LinkingError>;

}  // namespace sotto::linking

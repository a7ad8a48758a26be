// The error enum of the recovery module.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::recovery {

/// Why something about recovery was refused.
enum class RecoveryError : std::uint8_t {
  malformed,       ///< not an encoding that the specification allows, or a key that does not decode
  mistyped,        ///< the checked group does not fit the rest of the typed key
  cannot_open,     ///< altered, or sealed to another key
  inconsistent,    ///< opens, but account, key or slot inside are not the ones outside
  bad_terms,       ///< a number of shares or a threshold that is not allowed, or a share outside them
  wrong_share,     ///< a share that is not the one its owner made, or shares that do not give their slot
  too_few_shares,  ///< of one set
  mixed_shares,    ///< enough shares, but no set has enough of them
  wrong_request,   ///< a release that answers another request
};

std::string_view describe(RecoveryError error);

template <typename T>
using RecoveryResult = Result<T, RecoveryError>;

}  // namespace sotto::recovery

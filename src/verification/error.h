// The error enum of the verification module.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::verification {

/// Why a contact is not verified.
enum class VerificationError : std::uint8_t {
  malformed,          ///< no verification code, or a message with other fields than the specification says
  other_contact,      ///< the QR code belongs to another conversation
  their_key_differs,  ///< they show another key than this device holds for them
  my_key_differs,     ///< they hold another key for this account than its own
  other_run,          ///< a message of another run; this one goes on
  expired,            ///< the run took too long, or the clock went back
  bad_reveal,         ///< what was revealed is not what was committed to: keys differ, or somebody interferes
};

std::string_view describe(VerificationError error);

template <typename T>
using VerificationResult = Result<T, VerificationError>;

}  // namespace sotto::verification

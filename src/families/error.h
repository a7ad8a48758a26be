// The error enum of the families module.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::families {

/// Why a policy was refused.
enum class PolicyError : std::uint8_t {
  malformed,       ///< not an encoding that the specification allows
  wrong_child,     ///< for another account, or another key of it
  wrong_guardian,  ///< of somebody whom the child's device did not accept, or of another key of theirs
  wrong_device,    ///< the guardian's account does not list the device that signed
  bad_signature,   ///< one half of the hybrid signature or both do not verify
  not_newer,       ///< another one of the same number or a higher one is in force
};

std::string_view describe(PolicyError error);

template <typename T>
using PolicyResult = Result<T, PolicyError>;

}  // namespace sotto::families

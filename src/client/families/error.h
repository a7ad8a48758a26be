// Why a command about a family was refused.
#pragma once

#include <cstdint>
#include <string>

#include "result/result.h"

namespace sotto::client {

enum class FamilyError : std::uint8_t {
  not_registered,
  own_account,     ///< nobody is their own guardian
  unknown_person,  ///< somebody whose account or key is not known here, or changed
  no_offer,        ///< they did not offer to be guardian, or long ago
  other_key,       ///< the fingerprint is not the one that was compared, or asked for
  has_guardian,    ///< there is one already, and only they can end it
  is_guardian,     ///< who has children here cannot become one
  no_guardian,     ///< this account has none
  no_child,        ///< they did not accept this account as their guardian
  no_request,      ///< the child does not ask for them
  bad_hours,
  bad_note,
  too_many_people,
};

struct FamilyFailure {
  FamilyError error;
  std::string subject = {};  ///< whom or what it is about
};
/// For people: cause and next step.
std::string describe(const FamilyFailure& failure);

template <typename T>
using FamilyOutcome = Result<T, FamilyFailure>;

}  // namespace sotto::client

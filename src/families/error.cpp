#include "families/error.h"

namespace sotto::families {

std::string_view describe(PolicyError error) {
  switch (error) {
    case PolicyError::malformed: return "is no policy as this version knows them";
    case PolicyError::wrong_child: return "is for another account";
    case PolicyError::wrong_guardian: return "is not of the guardian whom this account accepted";
    case PolicyError::wrong_device: return "was signed by a device that the guardian's account does not list";
    case PolicyError::bad_signature: return "has a signature that does not verify";
    case PolicyError::not_newer: return "is not newer than the one in force";
  }
  return "unknown error";
}

}  // namespace sotto::families

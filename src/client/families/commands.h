// What guardians and children do (`sotto family`). People are named by handles that were looked up before.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/core/work.h"
#include "client/families/error.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

// Errors of all: not_registered, unknown_person.
/// Offers to be somebody's guardian; they accept on their device. Errors: own_account, has_guardian.
FamilyOutcome<v1::Family> offer_guardianship(Work& work, std::string_view child);
/// On the child's device, with the guardian beside it: `fingerprint` is what was compared, in hexadecimal.
/// From now on only the guardian can end it. Errors: no_offer, other_key, has_guardian, is_guardian.
FamilyOutcome<v1::Family> accept_guardian(Work& work, std::string_view guardian,
                                          std::string_view fingerprint);

/// What changes of a policy; the rest stays.
struct PolicyChange {
  std::vector<std::string> allow = {};
  std::vector<std::string> forbid = {};
  std::optional<std::string> hours = {};   ///< as parse_hours has it, or "any"
  std::optional<std::string> offset = {};  ///< as parse_offset has it
  std::optional<bool> blur_pictures = {};
  std::optional<bool> blur_all_pictures = {};
  std::optional<bool> hold_strangers = {};
};
/// Errors: no_child, bad_hours, too_many_people.
FamilyOutcome<v1::Family> change_policy(Work& work, std::string_view child, const PolicyChange& change);
/// The child has no guardian any more. Errors: no_child.
FamilyOutcome<v1::Family> end_guardianship(Work& work, std::string_view child);

/// The child asks to be allowed to write with somebody. Errors: no_guardian, bad_note.
FamilyOutcome<v1::Family> ask_guardian(Work& work, std::string_view person, std::string_view note);
/// Lets the child write with whom it asks for, if that account has the key that the child sees. Errors:
/// no_child, no_request, other_key, too_many_people.
FamilyOutcome<v1::Family> decide_for_child(Work& work, std::string_view child, std::string_view person,
                                           bool allow);

}  // namespace sotto::client

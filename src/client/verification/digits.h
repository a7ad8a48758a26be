// Comparing twelve digits with a contact (docs/specs/verification.md 2): the runs of this device, one for
// each contact, in the store, so that the command that shows them and the process that is connected may be
// two. What the digits are made of is verification/short_code.h's concern.
#pragma once

#include <string_view>

#include "client/core/work.h"
#include "client/verification/error.h"
#include "session/content_signature.h"
#include "sotto/v1/client_api.pb.h"
#include "sotto/v1/verification.pb.h"

namespace sotto::client {

/// How far a run is.
enum class RunStage : std::uint8_t {
  offered = 1,    ///< the contact began; the user has not said a word yet, and nothing was answered
  committed = 2,  ///< the user began; the contact has not answered
  answered = 3,   ///< the contact began and the user wants it; the reveal has not come
  compare = 4,    ///< the digits are known
  failed = 5,
};

/// The user wants to compare: answers what the contact began, goes on with a run that is not over, or begins
/// one.
Result<void, VerifyError> start_comparing(Work& work, std::string_view handle);
/// A message of a contact's device. Of what makes no sense here nothing follows.
void take_verification(Work& work, const session::VerifiedContent& content,
                       const v1::VerificationMessage& message);

/// What the user says about the digits.
enum class Answer : std::uint8_t { same, differs };
/// Ends the run; with `same` the contact is verified.
Result<void, VerifyError> finish_comparing(Work& work, std::string_view handle, Answer answer);
/// Gives a run up, whatever its stage. Nothing is sent: the other side's run ends by itself.
Result<void, VerifyError> stop_comparing(Work& work, std::string_view handle);

/// How far the run with a contact is, for people: STARTED while nothing is to be compared, FAILED with a
/// reason when it is over. Reads only. Errors: no_run and those of known_contact.
Result<v1::VerificationProgress, VerifyError> comparison(store::Database& database, const Self& self,
                                                         std::string_view handle, UnixMs now);

}  // namespace sotto::client

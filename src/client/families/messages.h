// What guardian and child tell each other (content.proto FamilyMessage; docs/specs/families.md 4).
#pragma once

#include "client/core/work.h"
#include "client/families/records.h"
#include "session/content_signature.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// To all devices of the account, and to the other own ones.
void tell_family(Work& work, const identity::AccountId& account, const v1::FamilyMessage& message);
void take_family_message(Work& work, const session::VerifiedContent& content,
                         const v1::FamilyMessage& message);

/// An own register about somebody in the family, which all own devices get.
void register_family(Work& work, v1::SyncEvent::Write::Kind kind, const families::Person& person,
                     std::uint64_t number);
/// While this account has a guardian and no policy came: asks for it, again and again.
void keep_family(Work& work);

/// What a CHILD register says.
inline constexpr std::uint64_t kChildOffered = 1;
inline constexpr std::uint64_t kChildAccepted = 2;

}  // namespace sotto::client

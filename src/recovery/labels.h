// Every domain separation label of this module (docs/specs/recovery.md 8).
#pragma once

#include <string_view>

namespace sotto::recovery::label {

inline constexpr std::string_view kCheck = "recovery-check";
inline constexpr std::string_view kKey = "recovery-key";
inline constexpr std::string_view kSign = "recovery-sign";
inline constexpr std::string_view kSeal = "recovery-seal";
inline constexpr std::string_view kAccess = "recovery-access";
inline constexpr std::string_view kSlot = "recovery-slot";
inline constexpr std::string_view kSlotSalt = "recovery-slot-salt";
inline constexpr std::string_view kSlotKeys = "recovery-slot-keys";
inline constexpr std::string_view kContacts = "recovery-contacts";
inline constexpr std::string_view kContactsKeys = "recovery-contacts-keys";
inline constexpr std::string_view kShare = "recovery-share";
inline constexpr std::string_view kRequest = "recovery-request";
inline constexpr std::string_view kShown = "recovery-shown";
inline constexpr std::string_view kRelease = "recovery-release";
inline constexpr std::string_view kReleaseSalt = "recovery-release-salt";
inline constexpr std::string_view kReleaseKeys = "recovery-release-keys";

}  // namespace sotto::recovery::label

// Every domain separation label of this module in one place (docs/specs/identity.md 8): no two meanings share
// one.
#pragma once

#include <string_view>

namespace sotto::identity::label {

inline constexpr std::string_view kManifest = "man";
inline constexpr std::string_view kManifestAuthor = "man-author";
inline constexpr std::string_view kRecoveryKey = "rec";
inline constexpr std::string_view kAuthentication = "tls";
inline constexpr std::string_view kServerStatement = "server";
inline constexpr std::string_view kLinkFile = "link-file";  ///< followed by u8 LinkPart
inline constexpr std::string_view kTag = "tag";
inline constexpr std::string_view kRetirement = "retire";
inline constexpr std::string_view kRetirementAuthor = "retire-author";
inline constexpr std::string_view kSignIn = "sign-in";

}  // namespace sotto::identity::label

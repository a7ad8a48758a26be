// Every domain separation label of this module (docs/specs/linking.md 1, 3, 8).
#pragma once

#include <string_view>

namespace sotto::linking::label {

inline constexpr std::string_view kTranscript = "link";
inline constexpr std::string_view kPassword = "link-pw";
inline constexpr std::string_view kKeys = "link-keys";
inline constexpr std::string_view kSeal = "link-seal";
inline constexpr std::string_view kDevice = "link-device";
inline constexpr std::string_view kGrant = "link-grant";
inline constexpr std::string_view kOffer = "link-offer";

}  // namespace sotto::linking::label

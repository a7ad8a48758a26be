// Every bound of this module, each with its reason (docs/specs/families.md 2).
#pragma once

#include <cstddef>
#include <cstdint>

namespace sotto::families {

/// A child's friends, classmates and relatives; 12 KB, which fits one envelope with the signature.
inline constexpr std::size_t kMaxAllowed = 256;
/// Eight times a day, every day.
inline constexpr std::size_t kMaxWindows = 56;
inline constexpr std::uint16_t kMinutesOfDay = 24 * 60;
/// UTC-12 and UTC+14 are the outermost zones.
inline constexpr int kLeastOffset = -12 * 60;
inline constexpr int kGreatestOffset = 14 * 60;
/// V(p) || signature.
inline constexpr std::size_t kMaxSignedPolicy = std::size_t{20} * 1024;

}  // namespace sotto::families

// Message lengths (docs/specs/session-protocol.md 6): sizes on the wire come from a small set.
#pragma once

#include <cstddef>

namespace sotto::session {

inline constexpr std::size_t kMinPadded = 256;

/// Padmé of the PURBs paper (arXiv:1806.03160 4.2): at most 12 % more. Precondition: length >= 2.
std::size_t padme(std::size_t length);
/// Total octets of u32 length || `inner` octets || zeros.
std::size_t padded_size(std::size_t inner);
/// Whether some inner length gives this total.
bool is_padded_size(std::size_t total);

}  // namespace sotto::session

// Where a value computed from secrets becomes public. The calls of these functions are the list of everything
// SP/1 reveals by design; each says why. In builds that check constant time (tests/constant_time) they tell
// valgrind, in which every secret and all that follows from it counts as unknown; elsewhere they are nothing.
#pragma once

#include <concepts>

#include "bytes/bytes.h"

#ifdef SOTTO_CONSTANT_TIME_CHECKS
#include <valgrind/memcheck.h>
#endif

namespace sotto::crypto {

/// From here on the program may branch on these octets and index with them.
inline void declassify([[maybe_unused]] ByteView octets) {
#ifdef SOTTO_CONSTANT_TIME_CHECKS
  VALGRIND_MAKE_MEM_DEFINED(octets.data(), octets.size());
#endif
}

/// The same for one number: `if (declassified(equal))`.
template <std::integral T>
T declassified(T value) {
#ifdef SOTTO_CONSTANT_TIME_CHECKS
  VALGRIND_MAKE_MEM_DEFINED(&value, sizeof(value));
#endif
  return value;
}

}  // namespace sotto::crypto

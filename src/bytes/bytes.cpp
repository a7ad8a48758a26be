#include "bytes/bytes.h"

#include <algorithm>

namespace sotto {

bool equal(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

}  // namespace sotto

#include "storage/watermarks.h"

#include <algorithm>

namespace sotto::storage {

const Bytes* Watermarks::covering(ByteView key) const {
  const auto found = by_queue_.find(key.front());
  if (found == by_queue_.end()) return nullptr;
  return std::ranges::lexicographical_compare(found->second, key) ? nullptr : &found->second;
}

void Watermarks::raise(ByteView key) {
  if (covering(key) == nullptr) by_queue_.insert_or_assign(key.front(), to_bytes(key));
}

}  // namespace sotto::storage

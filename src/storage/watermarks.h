// The watermarks of one partition's queues: which keys are trimmed. Internal to the module.
#pragma once

#include <cstdint>
#include <map>

#include "bytes/bytes.h"

namespace sotto::storage {

/// At most one watermark per first octet of a key. Keys given to it are never empty.
class Watermarks {
 public:
  /// The watermark at or above the key, null if the key is not trimmed.
  [[nodiscard]] const Bytes* covering(ByteView key) const;
  /// Raises the watermark of the key's queue to it, unless it is there or above already.
  void raise(ByteView key);

  /// By first octet, ascending.
  [[nodiscard]] const std::map<std::uint8_t, Bytes>& all() const { return by_queue_; }

  friend bool operator==(const Watermarks&, const Watermarks&) = default;

 private:
  std::map<std::uint8_t, Bytes> by_queue_;
};

}  // namespace sotto::storage

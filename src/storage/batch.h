// What both backends check before a batch is queued. Internal to the module.
#pragma once

#include <cstddef>

#include "storage/store.h"

namespace sotto::storage {

/// What the batch counts against QueueBounds::octets. Fails with key_length, value_too_large or
/// batch_too_large.
StorageResult<std::size_t> checked_octets(const Batch& batch);

/// Fails with key_length unless a key has 1 to kMaxKeyOctets octets.
StorageResult<void> check_key(ByteView key);

/// Fails with key_length when a scan bound is longer than a key can be.
StorageResult<void> check_bounds(ByteView from, std::optional<ByteView> to);

/// Collects a page within limits clamped to the maxima of partition.h.
class PageBuilder {
 public:
  explicit PageBuilder(ScanLimits limits);

  /// False when the page is full: the entry was not taken, and the page says that there is more.
  bool add(ByteView key, ByteView value);
  [[nodiscard]] Page take(PartitionVersion version) &&;

 private:
  ScanLimits limits_;
  std::size_t octets_ = 0;
  Page page_;
};

}  // namespace sotto::storage

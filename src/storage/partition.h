// Names of partitions, and the limits of everything a store takes.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>

#include "bytes/bytes.h"
#include "storage/error.h"

namespace sotto::storage {

// Names and keys are held in memory many times over (queues, indices, caches) and a backend may prefix them.
inline constexpr std::size_t kMaxPartitionOctets = 64;
inline constexpr std::size_t kMaxKeyOctets = 64;
// The next page starts at the last key || 0x00.
inline constexpr std::size_t kMaxScanBoundOctets = kMaxKeyOctets + 1;
// Larger things are blobs, not records: a value is copied through the log, the memtable and each level.
inline constexpr std::size_t kMaxValueOctets = std::size_t{1} << 20;
// One batch is one atomic unit of one partition; a Ceph omap operation is slow beyond these.
inline constexpr std::size_t kMaxBatchWrites = 4096;
inline constexpr std::size_t kMaxBatchOctets = std::size_t{4} << 20;
// What waits for the disk is lost at a crash and is memory until then: one second of a fast disk.
inline constexpr std::size_t kMaxQueuedBatches = 65'536;
inline constexpr std::size_t kMaxQueuedOctets = std::size_t{64} << 20;
// A page is built in memory while the caller's event loop waits.
inline constexpr std::size_t kMaxPageEntries = 1024;
inline constexpr std::size_t kMaxPageOctets = std::size_t{4} << 20;

/// The name of a partition: 1 to kMaxPartitionOctets octets, for example "mbx" || device16. A partition comes
/// into being with its first commit.
class Partition {
 public:
  /// Fails with partition_length.
  static StorageResult<Partition> create(ByteView name) {
    if (name.empty() || name.size() > kMaxPartitionOctets) return err(StorageError::partition_length);
    return Partition(name);
  }

  [[nodiscard]] ByteView name() const { return ByteView(octets_).first(length_); }

  friend std::strong_ordering operator<=>(const Partition& a, const Partition& b) {
    const ByteView x = a.name();
    const ByteView y = b.name();
    return std::lexicographical_compare_three_way(x.begin(), x.end(), y.begin(), y.end());
  }
  friend bool operator==(const Partition& a, const Partition& b) { return (a <=> b) == 0; }

 private:
  explicit Partition(ByteView name) : length_(static_cast<std::uint8_t>(name.size())) {
    std::copy(name.begin(), name.end(), octets_.begin());
  }

  ByteArray<kMaxPartitionOctets> octets_{};
  std::uint8_t length_;
};

}  // namespace sotto::storage

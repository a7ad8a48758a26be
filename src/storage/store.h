// The server's partitioned ordered key-value store: what every backend promises. docs/specs/storage.md.
//
// Owns: durability, atomicity per partition, the commit queue and its bounds. Not its concern: what keys and
// values mean, who may read them, expiry by time, transactions over several partitions (there are none, so
// that a partition can be an object on another machine).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "bytes/bytes.h"
#include "storage/error.h"
#include "storage/partition.h"

namespace sotto::storage {

/// How many batches were ever committed to a partition; 0 before the first.
struct PartitionVersion {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(PartitionVersion, PartitionVersion) = default;
};

/// The caller's name for a commit, given back with its completion. The store does not interpret it.
struct Ticket {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(Ticket, Ticket) = default;
};

/// Sets a key to a value, or deletes it. Deleting what is not there is no error.
struct Write {
  Bytes key;
  std::optional<Bytes> value;  ///< nullopt: delete
};

/// What is applied to one partition at once or not at all.
///
/// Queues: the first octet of a key names its queue. A trim up to key K sets the watermark of K's queue to K:
/// every key of that queue that is <= K (lexicographic order) is gone from then on and cannot be put again.
/// K need not exist. A watermark never falls: a trim below it changes nothing. Space is given back later.
struct Batch {
  Partition partition;
  std::vector<Write> writes;                 ///< applied in order
  std::vector<Bytes> trims;                  ///< applied after all writes, so a batch may trim what it puts
  std::optional<PartitionVersion> expected;  ///< commit only if the partition has exactly this version

  explicit Batch(const Partition& target) : partition(target) {}
  Batch& put(ByteView key, Bytes value);
  Batch& erase(ByteView key);
  Batch& trim_up_to(ByteView key);
  Batch& expect(PartitionVersion version);
};

/// The end of one accepted commit: the partition's new version, or why nothing of the batch was applied.
struct Completion {
  Ticket ticket;
  StorageResult<PartitionVersion> result;
};

/// Receives completions in groups, never an empty one. Must not throw, block or destroy the store; may commit
/// and read. Which thread calls it is the backend's to say.
using CompletionSink = std::function<void(std::vector<Completion>)>;

/// How much a commit queue holds, the group being written included.
struct QueueBounds {
  std::size_t batches = kMaxQueuedBatches;
  std::size_t octets = kMaxQueuedOctets;
};

struct Entry {
  Bytes key;
  Bytes value;

  friend bool operator==(const Entry&, const Entry&) = default;
};

/// Bounds of a page; larger values count as these.
struct ScanLimits {
  std::size_t max_entries = kMaxPageEntries;
  std::size_t max_octets = kMaxPageOctets;  ///< of keys and values together
};

/// One part of a scan, taken from a single state of the partition.
struct Page {
  std::vector<Entry> entries;  ///< ascending by key
  bool more = false;           ///< the range has further entries: scan on from last key || 0x00
  PartitionVersion version;    ///< the state the page shows
};

/// A store. Reads see committed batches only, each wholly or not at all, and block for the time of a disk
/// read at most.
class Store {
 public:
  virtual ~Store() = default;

  /// The value of a key, nullopt if there is none. Fails with key_length, io_error or corrupt.
  virtual StorageResult<std::optional<Bytes>> get(const Partition& partition, ByteView key) = 0;

  /// Entries with from <= key < to (no upper end without `to`; an empty `from` is before every key), up to
  /// the limits but at least one if the range has any and max_entries is not 0. Ascending only: Ceph's omap
  /// offers nothing else. Fails with key_length (a bound longer than a key can be), io_error or corrupt.
  virtual StorageResult<Page> scan(const Partition& partition, ByteView from, std::optional<ByteView> to,
                                   ScanLimits limits) = 0;

  /// To be read before whatever a batch with expect() is computed from. Fails with io_error or corrupt.
  virtual StorageResult<PartitionVersion> version(const Partition& partition) = 0;

  /// Queues a batch; it is written together with others, durable when its completion reports success. Batches
  /// of one partition become visible and durable in the order of their commit calls. An error returned here
  /// (key_length, value_too_large, batch_too_large, overloaded) means that nothing was queued and no
  /// completion will come; otherwise exactly one comes, with success or conflict, trimmed, no_space, io_error
  /// or corrupt.
  ///
  /// After no_space or io_error nothing of the batch is visible, but its octets may have reached the disk: if
  /// the process dies before another commit succeeds, the batch may be found applied at the next start.
  virtual StorageResult<void> commit(Batch batch, Ticket ticket) = 0;
};

}  // namespace sotto::storage

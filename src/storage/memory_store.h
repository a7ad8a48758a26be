// The store in memory, for tests and the simulator. Deterministic and for one thread: commits take effect
// only in sync(), which also calls the sink. Lets a test crash the machine and break the disk.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "storage/store.h"
#include "storage/watermarks.h"

namespace sotto::storage {

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(CompletionSink sink, QueueBounds bounds = {});

  StorageResult<std::optional<Bytes>> get(const Partition& partition, ByteView key) override;
  StorageResult<Page> scan(const Partition& partition, ByteView from, std::optional<ByteView> to,
                           ScanLimits limits) override;
  StorageResult<PartitionVersion> version(const Partition& partition) override;
  StorageResult<void> commit(Batch batch, Ticket ticket) override;

  /// Writes everything queued as one group and hands its completions to the sink. What the sink commits waits
  /// for the next call. Returns how many batches were completed.
  std::size_t sync();
  /// How many batches wait for sync().
  [[nodiscard]] std::size_t queued() const { return queue_.size(); }

  /// Power loss: of what was not synced the first `written` batches are there all the same, the others are
  /// gone; no completions come for either. Injected faults are forgotten. Precondition: written <= queued().
  void crash(std::size_t written = 0);
  /// The next `count` batches that sync() takes fail with `error`; nothing of them is applied.
  void fail_next_commits(std::size_t count, StorageError error);
  /// The next `count` calls of get, scan or version fail with `error`.
  void fail_next_reads(std::size_t count, StorageError error);
  /// A disk that reports writes as durable that are not: while on, crash() also takes back the last group
  /// that sync() completed. Only to prove that a test notices lost acknowledged data.
  void set_disk_lies(bool lies);

 private:
  struct PartitionState {
    std::map<Bytes, Bytes> entries;
    Watermarks watermarks;
    PartitionVersion version;
  };
  struct Queued {
    Batch batch;
    Ticket ticket;
  };
  struct Fault {
    std::size_t count = 0;
    StorageError error = StorageError::io_error;

    /// True `count` times.
    bool strikes();
  };

  StorageResult<PartitionVersion> apply(const Batch& batch);

  CompletionSink sink_;
  QueueBounds bounds_;
  std::map<Partition, PartitionState> partitions_;
  std::vector<Queued> queue_;
  std::size_t queued_octets_ = 0;
  Fault commit_fault_;
  Fault read_fault_;
  bool disk_lies_ = false;
  std::map<Partition, PartitionState> before_last_group_;  ///< of the partitions that the group touched
};

}  // namespace sotto::storage

// Turns a group of queued batches into one synced write. Internal to the module.
#pragma once

#include <map>
#include <vector>

#include "storage/commit_queue.h"
#include "storage/database.h"

namespace sotto::storage {

/// For one thread, the only one that writes to the database.
class GroupWriter {
 public:
  explicit GroupWriter(Database& database) : database_(database) {}

  /// One completion per batch, in order. All are durable or failed on return.
  std::vector<Completion> write(const std::vector<QueuedBatch>& group);

 private:
  struct Touched {
    PartitionState now;
    bool changed = false;
  };
  using States = std::map<Partition, Touched>;

  StorageResult<PartitionVersion> admit(rocksdb::DB& db, const Batch& batch, States& states);
  StorageResult<void> persist(const std::vector<QueuedBatch>& group,
                              const std::vector<Completion>& completions, const States& states);

  Database& database_;
};

}  // namespace sotto::storage

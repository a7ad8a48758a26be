#include "storage/group_writer.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <utility>

#include "storage/encoding.h"

namespace sotto::storage {
namespace {

rocksdb::Slice slice(ByteView bytes) { return {as_chars(bytes).data(), bytes.size()}; }

/// Room for a record's header, prefix and key beside its value.
constexpr std::size_t kRecordOverheadOctets = 160;

std::size_t write_batch_size(const std::vector<QueuedBatch>& group) {
  std::size_t octets = 0;
  for (const QueuedBatch& queued : group) octets += queued.octets + kRecordOverheadOctets;
  return octets;
}

/// Entries that the group itself trims are left out: a message acknowledged before its group is written costs
/// nothing.
void add_writes(const Batch& batch, const Watermarks& watermarks, rocksdb::WriteBatch& out) {
  const Bytes prefix = encode_prefix(batch.partition);
  for (const Write& write : batch.writes) {
    if (watermarks.covering(write.key) != nullptr) continue;
    const Bytes key = encode_entry_key(prefix, write.key);
    if (write.value) {
      out.Put(slice(key), slice(*write.value));
    } else {
      out.Delete(slice(key));
    }
  }
}

std::vector<Completion> all_failed(const std::vector<QueuedBatch>& group, StorageError error) {
  std::vector<Completion> completions;
  completions.reserve(group.size());
  for (const QueuedBatch& queued : group) completions.push_back({queued.ticket, err(error)});
  return completions;
}

}  // namespace

// When the write fails, conflicts found on the way do not count either: they may have been with batches of
// the same group, which never happened.
std::vector<Completion> GroupWriter::write(const std::vector<QueuedBatch>& group) {
  const auto db = database_.writable();
  if (!db) return all_failed(group, db.error());
  std::vector<Completion> completions;
  completions.reserve(group.size());
  States states;
  for (const QueuedBatch& queued : group) {
    completions.push_back({queued.ticket, admit(**db, queued.batch, states)});
  }
  if (const auto persisted = persist(group, completions, states); !persisted) {
    return all_failed(group, persisted.error());
  }
  return completions;
}

StorageResult<PartitionVersion> GroupWriter::admit(rocksdb::DB& db, const Batch& batch, States& states) {
  auto found = states.find(batch.partition);
  if (found == states.end()) {
    SOTTO_TRY(PartitionState loaded, read_state(db, encode_prefix(batch.partition)));
    found = states.emplace(batch.partition, Touched{std::move(loaded)}).first;
  }
  PartitionState& state = found->second.now;
  if (batch.expected && *batch.expected != state.version) return err(StorageError::conflict);
  for (const Write& write : batch.writes) {
    if (write.value && state.watermarks.covering(write.key) != nullptr) return err(StorageError::trimmed);
  }
  for (const Bytes& key : batch.trims) state.watermarks.raise(key);
  ++state.version.value;
  found->second.changed = true;
  return state.version;
}

StorageResult<void> GroupWriter::persist(const std::vector<QueuedBatch>& group,
                                         const std::vector<Completion>& completions, const States& states) {
  rocksdb::WriteBatch out(write_batch_size(group));
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!completions[i].result) continue;
    add_writes(group[i].batch, states.at(group[i].batch.partition).now.watermarks, out);
  }
  for (const auto& [partition, state] : states) {
    if (!state.changed) continue;
    const Bytes key = encode_state_key(encode_prefix(partition));
    out.Put(slice(key), slice(encode_state(state.now)));
  }
  if (out.Count() == 0) return {};
  return database_.write(out);
}

}  // namespace sotto::storage

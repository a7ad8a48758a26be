#include "storage/memory_store.h"

#include <algorithm>
#include <utility>

#include "result/check.h"
#include "storage/batch.h"

namespace sotto::storage {
MemoryStore::MemoryStore(CompletionSink sink, QueueBounds bounds) : sink_(std::move(sink)), bounds_(bounds) {}

StorageResult<std::optional<Bytes>> MemoryStore::get(const Partition& partition, ByteView key) {
  SOTTO_CHECK_OK(check_key(key));
  if (read_fault_.strikes()) return err(read_fault_.error);
  const auto state = partitions_.find(partition);
  if (state == partitions_.end()) return std::nullopt;
  const auto entry = state->second.entries.find(to_bytes(key));
  if (entry == state->second.entries.end()) return std::nullopt;
  return entry->second;
}

StorageResult<Page> MemoryStore::scan(const Partition& partition, ByteView from, std::optional<ByteView> to,
                                      ScanLimits limits) {
  SOTTO_CHECK_OK(check_bounds(from, to));
  if (read_fault_.strikes()) return err(read_fault_.error);
  const auto state = partitions_.find(partition);
  if (state == partitions_.end()) return Page{};
  PageBuilder page(limits);
  const auto& entries = state->second.entries;
  for (auto at = entries.lower_bound(to_bytes(from)); at != entries.end(); ++at) {
    if (to && !std::ranges::lexicographical_compare(at->first, *to)) break;
    if (!page.add(at->first, at->second)) break;
  }
  return std::move(page).take(state->second.version);
}

StorageResult<PartitionVersion> MemoryStore::version(const Partition& partition) {
  if (read_fault_.strikes()) return err(read_fault_.error);
  const auto state = partitions_.find(partition);
  return state == partitions_.end() ? PartitionVersion{} : state->second.version;
}

StorageResult<void> MemoryStore::commit(Batch batch, Ticket ticket) {
  SOTTO_TRY(const std::size_t octets, checked_octets(batch));
  if (queue_.size() >= bounds_.batches || queued_octets_ + octets > bounds_.octets) {
    return err(StorageError::overloaded);
  }
  queue_.push_back({std::move(batch), ticket});
  queued_octets_ += octets;
  return {};
}

std::size_t MemoryStore::sync() {
  if (queue_.empty()) return 0;
  before_last_group_.clear();
  std::vector<Completion> completions;
  for (const Queued& queued : std::exchange(queue_, {})) {
    completions.push_back({queued.ticket, commit_fault_.strikes()
                                              ? StorageResult<PartitionVersion>(err(commit_fault_.error))
                                              : apply(queued.batch)});
  }
  queued_octets_ = 0;
  const std::size_t count = completions.size();
  sink_(std::move(completions));
  return count;
}

StorageResult<PartitionVersion> MemoryStore::apply(const Batch& batch) {
  PartitionState& state = partitions_[batch.partition];
  if (batch.expected && *batch.expected != state.version) return err(StorageError::conflict);
  for (const Write& write : batch.writes) {
    if (write.value && state.watermarks.covering(write.key) != nullptr) return err(StorageError::trimmed);
  }
  if (disk_lies_) before_last_group_.try_emplace(batch.partition, state);
  for (const Write& write : batch.writes) {
    if (write.value) {
      state.entries.insert_or_assign(write.key, *write.value);
    } else {
      state.entries.erase(write.key);
    }
  }
  for (const Bytes& key : batch.trims) {
    state.watermarks.raise(key);
    state.entries.erase(state.entries.lower_bound({key.front()}), state.entries.upper_bound(key));
  }
  ++state.version.value;
  return state.version;
}

void MemoryStore::crash(std::size_t written) {
  SOTTO_CHECK(written <= queue_.size());
  for (std::size_t i = 0; i < written; ++i) static_cast<void>(apply(queue_[i].batch));
  queue_.clear();
  queued_octets_ = 0;
  for (auto& [partition, state] : std::exchange(before_last_group_, {}))
    partitions_[partition] = std::move(state);
  commit_fault_ = {};
  read_fault_ = {};
}

void MemoryStore::fail_next_commits(std::size_t count, StorageError error) { commit_fault_ = {count, error}; }

void MemoryStore::fail_next_reads(std::size_t count, StorageError error) { read_fault_ = {count, error}; }

void MemoryStore::set_disk_lies(bool lies) {
  disk_lies_ = lies;
  before_last_group_.clear();
}

bool MemoryStore::Fault::strikes() {
  if (count == 0) return false;
  --count;
  return true;
}

}  // namespace sotto::storage

#include "storage/batch.h"

#include <algorithm>
#include <utility>

namespace sotto::storage {
namespace {

// What one queued write costs beside its octets: vectors and list entry.
constexpr std::size_t kWriteOverheadOctets = 64;

}  // namespace

std::string_view describe(StorageError error) {
  switch (error) {
    case StorageError::partition_length: return "partition name is empty or too long";
    case StorageError::key_length: return "key is empty or too long";
    case StorageError::value_too_large: return "value is too large";
    case StorageError::batch_too_large: return "batch is too large";
    case StorageError::conflict: return "partition has another version than expected";
    case StorageError::trimmed: return "key is at or below the queue's watermark";
    case StorageError::overloaded: return "commit queue is full";
    case StorageError::no_space: return "disk is full";
    case StorageError::io_error: return "disk failed";
    case StorageError::corrupt: return "stored data is damaged";
    case StorageError::locked: return "another process has the database open";
    case StorageError::unknown_format: return "database has an unknown format";
  }
  return "unknown storage error";
}

Batch& Batch::put(ByteView key, Bytes value) {
  writes.push_back({to_bytes(key), std::move(value)});
  return *this;
}

Batch& Batch::erase(ByteView key) {
  writes.push_back({to_bytes(key), std::nullopt});
  return *this;
}

Batch& Batch::trim_up_to(ByteView key) {
  trims.push_back(to_bytes(key));
  return *this;
}

Batch& Batch::expect(PartitionVersion version) {
  expected = version;
  return *this;
}

StorageResult<void> check_key(ByteView key) {
  if (key.empty() || key.size() > kMaxKeyOctets) return err(StorageError::key_length);
  return {};
}

StorageResult<void> check_bounds(ByteView from, std::optional<ByteView> to) {
  if (from.size() > kMaxScanBoundOctets) return err(StorageError::key_length);
  if (to && to->size() > kMaxScanBoundOctets) return err(StorageError::key_length);
  return {};
}

PageBuilder::PageBuilder(ScanLimits limits)
    : limits_{std::min(limits.max_entries, kMaxPageEntries), std::min(limits.max_octets, kMaxPageOctets)} {}

bool PageBuilder::add(ByteView key, ByteView value) {
  octets_ += key.size() + value.size();
  const bool first = page_.entries.empty();
  if (page_.entries.size() >= limits_.max_entries || (octets_ > limits_.max_octets && !first)) {
    page_.more = true;
    return false;
  }
  page_.entries.push_back({to_bytes(key), to_bytes(value)});
  return true;
}

Page PageBuilder::take(PartitionVersion version) && {
  page_.version = version;
  return std::move(page_);
}

StorageResult<std::size_t> checked_octets(const Batch& batch) {
  if (batch.writes.size() + batch.trims.size() > kMaxBatchWrites) return err(StorageError::batch_too_large);
  std::size_t octets = batch.partition.name().size() + kWriteOverheadOctets;
  for (const Write& write : batch.writes) {
    SOTTO_CHECK_OK(check_key(write.key));
    if (write.value && write.value->size() > kMaxValueOctets) return err(StorageError::value_too_large);
    octets += kWriteOverheadOctets + write.key.size() + (write.value ? write.value->size() : 0);
  }
  for (const Bytes& key : batch.trims) {
    SOTTO_CHECK_OK(check_key(key));
    octets += kWriteOverheadOctets + key.size();
  }
  if (octets > kMaxBatchOctets) return err(StorageError::batch_too_large);
  return octets;
}

}  // namespace sotto::storage

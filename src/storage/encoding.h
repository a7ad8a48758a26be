// How partitions, keys and their states look inside one ordered key space (docs/specs/storage.md 3). Internal
// to the module.
//
//   0x00                                     format version, u32
//   u8 length || partition || 0x00           state of the partition: u64 version || u16 count ||
//   V(watermark)* u8 length || partition || 0x01 || key    value
//
// The length first keeps partitions apart: no partition's keys lie between another's.
#pragma once

#include <cstdint>
#include <optional>

#include "bytes/bytes.h"
#include "storage/error.h"
#include "storage/partition.h"
#include "storage/store.h"
#include "storage/watermarks.h"

namespace sotto::storage {

inline constexpr std::uint32_t kFormatVersion = 1;

/// What a store remembers about a partition beside its entries.
struct PartitionState {
  PartitionVersion version;
  Watermarks watermarks;
};

Bytes encode_format_key();
Bytes encode_format(std::uint32_t version);
/// Fails with corrupt.
StorageResult<std::uint32_t> decode_format(ByteView record);

Bytes encode_state(const PartitionState& state);
/// Fails with corrupt.
StorageResult<PartitionState> decode_state(ByteView record);

/// `prefix` is u8 length || partition in all of these.
Bytes encode_prefix(const Partition& partition);
Bytes encode_state_key(ByteView prefix);
Bytes encode_entry_key(ByteView prefix, ByteView key);
/// The first key after `key` in the partition.
Bytes encode_after(ByteView prefix, ByteView key);
/// The first key after all of the partition.
Bytes encode_partition_end(ByteView prefix);

/// An entry's key taken apart; both views are into the input.
struct EntryKey {
  ByteView prefix;
  ByteView key;
};
/// Empty when it is no entry's key.
std::optional<EntryKey> decode_entry_key(ByteView encoded);

}  // namespace sotto::storage

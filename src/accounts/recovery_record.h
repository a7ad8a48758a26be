// How recovery slots lie in the store. docs/specs/directory.md 2 has the octets.
#pragma once

#include <cstddef>
#include <optional>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "identity/ids.h"
#include "storage/partition.h"

namespace sotto::accounts {

using RecoverySlotId = ByteArray<16>;

/// Ours have less than 3 KiB: the rest is for what later versions may put into a slot.
inline constexpr std::size_t kMaxSealedSlot = std::size_t{16} * 1024;

struct RecoverySlotRecord {
  ByteArray<32> access_hash{};
  UnixMs stored;
  Bytes sealed;

  friend bool operator==(const RecoverySlotRecord&, const RecoverySlotRecord&) = default;
};

/// Each account's slots have a partition of their own, so one batch replaces them.
storage::Partition recovery_partition(const identity::AccountId& account);
Bytes recovery_slot_key(const RecoverySlotId& slot);
/// Empty for a key of another form.
std::optional<RecoverySlotId> recovery_slot_id(ByteView key);

Bytes encode(const RecoverySlotRecord& record);
/// Empty when the octets are not what encode makes.
std::optional<RecoverySlotRecord> decode_recovery_slot(ByteView octets);

}  // namespace sotto::accounts

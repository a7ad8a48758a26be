#include "accounts/recovery_record.h"

#include "bytes/encoder.h"
#include "result/check.h"

namespace sotto::accounts {
namespace {
constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kSlotKey = 'S';
}  // namespace

storage::Partition recovery_partition(const identity::AccountId& account) {
  Encoder name;
  name.raw(as_bytes("rec")).raw(account.view());
  const auto created = storage::Partition::create(name.view());
  SOTTO_CHECK(created);
  return *created;
}

Bytes recovery_slot_key(const RecoverySlotId& slot) {
  Encoder key;
  key.u8(kSlotKey).raw(slot);
  return std::move(key).take();
}

std::optional<RecoverySlotId> recovery_slot_id(ByteView key) {
  Decoder in(key);
  const bool is_slot = in.u8() == kSlotKey;
  const auto slot = in.array<std::tuple_size_v<RecoverySlotId>>();
  if (!in.finished() || !is_slot) return std::nullopt;
  return slot;
}

Bytes encode(const RecoverySlotRecord& record) {
  Encoder out;
  out.u8(kFormat).raw(record.access_hash).u64(record.stored.value).var(record.sealed);
  return std::move(out).take();
}

std::optional<RecoverySlotRecord> decode_recovery_slot(ByteView octets) {
  Decoder in(octets);
  if (in.u8() != kFormat) return std::nullopt;
  RecoverySlotRecord out;
  out.access_hash = in.array<32>();
  out.stored = {in.u64()};
  out.sealed = to_bytes(in.var(kMaxSealedSlot));
  if (!in.finished()) return std::nullopt;
  return out;
}

}  // namespace sotto::accounts

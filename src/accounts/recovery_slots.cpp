#include "accounts/recovery_slots.h"

#include <algorithm>

#include "crypto/hash.h"
#include "wire/decode.h"

namespace sotto::accounts {
namespace {

struct NewSlot {
  RecoverySlotId slot;
  RecoverySlotRecord record;
};

AccountsResult<std::vector<NewSlot>> parse(const v1::StoreRecovery& request, UnixMs now) {
  if (request.slots_size() > static_cast<int>(kMaxRecoverySlots)) {
    return err(AccountsError::recovery_too_large);
  }
  std::vector<NewSlot> out;
  for (const auto& each : request.slots()) {
    if (each.slot().size() != 16 || each.access_hash().size() != 32 || each.sealed().empty()) {
      return err(AccountsError::recovery_malformed);
    }
    if (each.sealed().size() > kMaxSealedSlot) return err(AccountsError::recovery_too_large);
    const auto id = to_array<16>(wire::octets(each.slot()));
    if (std::ranges::find(out, id, &NewSlot::slot) != out.end()) {
      return err(AccountsError::recovery_malformed);
    }
    out.push_back({id,
                   {.access_hash = to_array<32>(wire::octets(each.access_hash())),
                    .stored = now,
                    .sealed = to_bytes(wire::octets(each.sealed()))}});
  }
  return out;
}

void to_wire(const RecoverySlotId& slot, const RecoverySlotRecord& record, v1::RecoverySlot& out) {
  out.set_slot(wire::field(slot));
  out.set_access_hash(wire::field(record.access_hash));
  out.set_stored_ms(record.stored.value);
}

}  // namespace

AccountsResult<std::vector<RecoverySlots::Stored>> RecoverySlots::read(const identity::AccountId& account) {
  const auto page = store_.scan(recovery_partition(account), {}, std::nullopt, {});
  if (!page) return err(error_of(page.error()));
  std::vector<Stored> out;
  for (const auto& entry : page->entries) {
    const auto slot = recovery_slot_id(entry.key);
    auto record = decode_recovery_slot(entry.value);
    if (!slot || !record) return err(AccountsError::corrupt);
    out.push_back({*slot, *std::move(record)});
  }
  return out;
}

void RecoverySlots::replace(const identity::AccountId& account, const v1::StoreRecovery& request, UnixMs now,
                            Reply<void> reply) {
  const auto slots = parse(request, now);
  if (!slots) return reply(err(slots.error()));
  if (!stores_.allow(account, now)) return reply(err(AccountsError::too_many_stores));
  const auto before = read(account);
  if (!before) return reply(err(before.error()));
  if (!replacing_.insert(account).second) return reply(err(AccountsError::overloaded));
  storage::Batch batch(recovery_partition(account));
  for (const Stored& old : *before) batch.erase(recovery_slot_key(old.slot));
  for (const NewSlot& slot : *slots) batch.put(recovery_slot_key(slot.slot), encode(slot.record));
  commits_.commit(std::move(batch), [this, account, reply = std::move(reply)](const auto& result) mutable {
    replacing_.erase(account);
    if (!result) return reply(err(error_of(result.error())));
    reply({});
  });
}

AccountsResult<v1::RecoverySlots> RecoverySlots::list(const identity::AccountId& account) {
  SOTTO_TRY(const auto stored, read(account));
  v1::RecoverySlots out;
  for (const Stored& each : stored) to_wire(each.slot, each.record, *out.add_slots());
  return out;
}

AccountsResult<v1::RecoverySlot> RecoverySlots::fetch(const identity::AccountId& account, ByteView slot,
                                                      ByteView access) {
  SOTTO_TRY(const auto stored, read(account));
  // Without a slot the comparison is made all the same, with what nothing hashes to.
  const auto found =
      std::ranges::find_if(stored, [slot](const Stored& each) { return equal(each.slot, slot); });
  const ByteArray<32> wanted = found == stored.end() ? ByteArray<32>{} : found->record.access_hash;
  if (!crypto::constant_time_equal(crypto::sha256(access), wanted)) {
    return err(AccountsError::no_such_recovery_slot);
  }
  v1::RecoverySlot out;
  to_wire(found->slot, found->record, out);
  out.set_sealed(wire::field(found->record.sealed));
  return out;
}

AccountsResult<storage::Batch> RecoverySlots::erasure(const identity::AccountId& account) {
  SOTTO_TRY(const auto stored, read(account));
  storage::Batch batch(recovery_partition(account));
  for (const Stored& each : stored) batch.erase(recovery_slot_key(each.slot));
  return batch;
}

void RecoverySlots::forget(const identity::AccountId& account) {
  auto batch = erasure(account);
  // What cannot be read now is erased when somebody asks for the account again.
  if (batch && !batch->writes.empty()) commits_.commit(*std::move(batch), [](const auto&) {});
}

}  // namespace sotto::accounts

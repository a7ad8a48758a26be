#include "directory/record.h"

#include "bytes/encoder.h"
#include "directory/limits.h"
#include "identity/limits.h"
#include "result/check.h"
#include "session/limits.h"

namespace sotto::directory {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kHoldKey = 'R';
/// m of a prekey batch is 245 octets; the bound leaves room and keeps a damaged length harmless.
constexpr std::size_t kMaxBatchOctets = 1024;

storage::Partition partition(std::string_view prefix, ByteView rest) {
  Encoder name;
  name.raw(as_bytes(prefix)).raw(rest);
  const auto created = storage::Partition::create(name.view());
  SOTTO_CHECK(created);
  return *created;
}

Bytes device_key(char kind, const DeviceId& device) {
  Encoder key;
  key.u8(static_cast<std::uint8_t>(kind)).raw(device.view());
  return std::move(key).take();
}

}  // namespace

storage::Partition account_partition(const AccountId& account) { return partition("acc", account.view()); }

storage::Partition handle_partition(std::string_view handle) {
  return handle_partition(crypto::sha256(as_bytes(handle))[0]);
}

storage::Partition handle_partition(std::uint8_t number) { return partition("hnd", {&number, 1}); }

Bytes account_key() { return {'A'}; }

Bytes manifest_key(std::uint64_t version) {
  Encoder key;
  key.u8('M').u64(version);
  return std::move(key).take();
}

Bytes batch_key(const DeviceId& device) { return device_key('P', device); }
Bytes cursor_key(const DeviceId& device) { return device_key('C', device); }

Bytes pair_key(const DeviceId& device, std::uint32_t index) {
  Encoder key;
  key.raw(device_key('O', device)).u32(index);
  return std::move(key).take();
}

Bytes handle_key(std::string_view handle) {
  Encoder key;
  key.u8('H').raw(crypto::sha256(as_bytes(handle)));
  return std::move(key).take();
}

Bytes hold_key(std::string_view handle) {
  Encoder key;
  key.u8(kHoldKey).raw(crypto::sha256(as_bytes(handle)));
  return std::move(key).take();
}

Bytes first_hold_key() { return {kHoldKey}; }
Bytes holds_end() { return {kHoldKey + 1}; }

Bytes encode(const AccountRecord& record) {
  Encoder out;
  out.u8(kFormat).u64(record.created.value).u64(record.retired.value).u64(record.newest_version);
  out.u8(static_cast<std::uint8_t>(record.handles.size()));
  for (const std::string& handle : record.handles) out.var(as_bytes(handle));
  return std::move(out).take();
}

std::optional<AccountRecord> decode_account(ByteView octets) {
  Decoder in(octets);
  AccountRecord out;
  if (in.u8() != kFormat) return std::nullopt;
  out.created = {in.u64()};
  out.retired = {in.u64()};
  out.newest_version = in.u64();
  const std::uint8_t count = in.u8();
  if (count > kMaxHandles) return std::nullopt;
  for (std::uint8_t i = 0; i < count; ++i) out.handles.emplace_back(as_chars(in.var(identity::kMaxHandle)));
  if (!in.finished()) return std::nullopt;
  return out;
}

Bytes encode(const HandleClaim& claim) {
  Encoder out;
  out.u8(kFormat).raw(claim.account.view()).var(as_bytes(claim.handle));
  return std::move(out).take();
}

std::optional<HandleClaim> decode_claim(ByteView octets) {
  Decoder in(octets);
  if (in.u8() != kFormat) return std::nullopt;
  HandleClaim out;
  out.account = AccountId(in.array<AccountId::kSize>());
  out.handle = as_chars(in.var(identity::kMaxHandle));
  if (!in.finished()) return std::nullopt;
  return out;
}

Bytes encode(const HandleHold& hold) {
  Encoder out;
  out.u8(kFormat).raw(hold.account.view()).u64(hold.since.value);
  return std::move(out).take();
}

std::optional<HandleHold> decode_hold(ByteView octets) {
  Decoder in(octets);
  if (in.u8() != kFormat) return std::nullopt;
  HandleHold out;
  out.account = AccountId(in.array<AccountId::kSize>());
  out.since = {in.u64()};
  if (!in.finished()) return std::nullopt;
  return out;
}

storage::Batch claim_batch(const HandleClaim& claim) {
  storage::Batch out(handle_partition(claim.handle));
  out.put(handle_key(claim.handle), encode(claim)).erase(hold_key(claim.handle));
  return out;
}

storage::Batch hold_batch(std::string_view handle, const HandleHold& hold) {
  storage::Batch out(handle_partition(handle));
  out.erase(handle_key(handle)).put(hold_key(handle), encode(hold));
  return out;
}

Bytes encode(const BatchRecord& record) {
  Encoder out;
  out.u8(kFormat).var(record.m).raw(record.signature).raw(record.last_resort);
  out.u32(static_cast<std::uint32_t>(record.leaves.size()));
  for (const auto& leaf : record.leaves) out.raw(leaf);
  return std::move(out).take();
}

std::optional<BatchRecord> decode_batch_record(ByteView octets) {
  Decoder in(octets);
  if (in.u8() != kFormat) return std::nullopt;
  BatchRecord out;
  out.m = to_bytes(in.var(kMaxBatchOctets));
  out.signature = in.array<crypto::kHybridSignatureSize>();
  out.last_resort = in.array<crypto::MlKem1024::kEncapsulationKeySize>();
  const std::uint32_t count = in.u32();
  if (in.failed() || count > session::kMaxOneTimePairs) return std::nullopt;
  for (std::uint32_t i = 0; i < count; ++i) out.leaves.push_back(in.array<32>());
  if (!in.finished()) return std::nullopt;
  return out;
}

Bytes encode(const PairRecord& record) {
  Encoder out;
  out.raw(record.ec).raw(record.kem);
  return std::move(out).take();
}

std::optional<PairRecord> decode_pair(ByteView octets) {
  Decoder in(octets);
  PairRecord out{};
  out.ec = in.array<33>();
  out.kem = in.array<crypto::MlKem1024::kEncapsulationKeySize>();
  if (!in.finished()) return std::nullopt;
  return out;
}

Bytes encode_cursor(std::uint32_t next) {
  Encoder out;
  out.u32(next);
  return std::move(out).take();
}

std::optional<std::uint32_t> decode_cursor(ByteView octets) {
  Decoder in(octets);
  const std::uint32_t next = in.u32();
  if (!in.finished()) return std::nullopt;
  return next;
}

}  // namespace sotto::directory

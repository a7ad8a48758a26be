#include "blobs/record.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "result/check.h"

namespace sotto::blobs {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kRecordKey = 'B';
constexpr std::uint8_t kPieceKey = 'P';
constexpr std::uint8_t kHoldingKey = 'H';

storage::Partition named(ByteView name) {
  auto partition = storage::Partition::create(name);
  SOTTO_CHECK(partition.has_value());
  return *partition;
}

std::optional<BlobName> parse_key(ByteView key, std::uint8_t kind) {
  Decoder in(key);
  const bool right = in.u8() == kind;
  const auto name = in.array<std::tuple_size_v<BlobName>>();
  if (!in.finished() || !right) return std::nullopt;
  return name;
}

Bytes make_key(std::uint8_t kind, const BlobName& name) {
  Encoder out(33);
  out.u8(kind).raw(name);
  return std::move(out).take();
}

bool each_once(const std::vector<Keeper>& keepers) {
  for (std::size_t i = 0; i < keepers.size(); ++i) {
    for (std::size_t j = i + 1; j < keepers.size(); ++j) {
      if (keepers[i].account == keepers[j].account) return false;
    }
  }
  return true;
}

bool possible(const BlobRecord& record) {
  using State = BlobRecord::State;
  if (record.size == 0 || record.received > record.size) return false;
  const bool whole = record.received == record.size;
  switch (record.state) {
    case State::uploading: return !whole && record.received % kPieceOctets == 0 && !record.keepers.empty();
    case State::complete: return whole && !record.keepers.empty();
    case State::erasing: return record.keepers.empty();
  }
  return false;
}

}  // namespace

storage::Partition shard_partition(std::uint8_t shard) {
  return named(Encoder(5).raw(as_bytes("blob")).u8(shard).view());
}

Bytes record_key(const BlobName& name) { return make_key(kRecordKey, name); }

std::optional<BlobName> parse_record_key(ByteView key) { return parse_key(key, kRecordKey); }

std::pair<Bytes, Bytes> record_range() { return {{kRecordKey}, {kRecordKey + 1}}; }

Bytes piece_key(const BlobName& name, std::uint32_t index) {
  Encoder out(37);
  out.u8(kPieceKey).raw(name).u32(index);
  return std::move(out).take();
}

Bytes encode(const BlobRecord& record) {
  Encoder out(64 + record.keepers.size() * 24);
  out.u8(kFormat).u8(static_cast<std::uint8_t>(record.state)).u64(record.size).u64(record.received);
  out.u64(record.written.value).raw(record.upload_hash);
  out.u16(static_cast<std::uint16_t>(record.keepers.size()));
  for (const Keeper& keeper : record.keepers) out.raw(keeper.account.view()).u64(keeper.expires.value);
  return std::move(out).take();
}

std::optional<BlobRecord> decode_blob(ByteView octets) {
  Decoder in(octets);
  const bool known = in.u8() == kFormat;
  BlobRecord out;
  out.state = static_cast<BlobRecord::State>(in.u8());
  out.size = in.u64();
  out.received = in.u64();
  out.written = {in.u64()};
  out.upload_hash = in.array<32>();
  const std::size_t keepers = in.u16();
  if (!known || in.failed() || keepers > kMaxKeepers) return std::nullopt;
  for (std::size_t i = 0; i < keepers; ++i) {
    const AccountId account(in.array<AccountId::kSize>());
    out.keepers.push_back({account, {in.u64()}});
  }
  if (!in.finished() || !possible(out) || !each_once(out.keepers)) return std::nullopt;
  return out;
}

storage::Partition holdings_partition(const AccountId& account) {
  return named(Encoder(21).raw(as_bytes("blobs")).raw(account.view()).view());
}

Bytes holding_key(const BlobName& name) { return make_key(kHoldingKey, name); }

std::optional<BlobName> parse_holding_key(ByteView key) { return parse_key(key, kHoldingKey); }

Bytes encode_holding(std::uint64_t size) {
  Encoder out(9);
  out.u8(kFormat).u64(size);
  return std::move(out).take();
}

std::optional<std::uint64_t> decode_holding(ByteView octets) {
  Decoder in(octets);
  const bool known = in.u8() == kFormat;
  const std::uint64_t size = in.u64();
  if (!in.finished() || !known || size == 0) return std::nullopt;
  return size;
}

}  // namespace sotto::blobs

#include "transparency_log/record.h"

#include <algorithm>
#include <cstring>

#include "bytes/encoder.h"
#include "result/check.h"

namespace sotto::transparency_log {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kPut = 1;
constexpr std::uint8_t kErase = 0;
constexpr std::string_view kLogPartition = "ktlog";
constexpr std::string_view kPagePartition = "ktm";
constexpr std::string_view kLabelPartition = "ktv";
/// Pages from this depth on are spread over 256 partitions.
constexpr std::size_t kSpreadDepth = 8;
constexpr std::size_t kMaxLabelRecord = 1 + crypto::kVrfProofSize + 8 + 32 + 4 + transparency::kMaxValue;

storage::Partition partition(std::string_view prefix, ByteView rest) {
  Encoder name;
  name.raw(as_bytes(prefix)).raw(rest);
  const auto created = storage::Partition::create(name.view());
  SOTTO_CHECK(created);
  return *created;
}

Bytes numbered(char kind, std::uint64_t number) {
  Encoder key;
  key.u8(static_cast<std::uint8_t>(kind)).u64(number);
  return std::move(key).take();
}

Bytes numbered(char kind, std::uint64_t number, std::uint32_t part) {
  Encoder key;
  key.raw(numbered(kind, number)).u32(part);
  return std::move(key).take();
}

std::optional<storage::Batch> decode_effect(Decoder& in) {
  const auto name = storage::Partition::create(in.var(storage::kMaxPartitionOctets));
  const std::uint32_t count = in.u32();
  if (!name || in.failed() || count > storage::kMaxBatchWrites) return std::nullopt;
  storage::Batch out(*name);
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool put = in.u8() == kPut;
    const ByteView key = in.var(storage::kMaxKeyOctets);
    if (put) {
      out.put(key, to_bytes(in.var(storage::kMaxValueOctets)));
    } else {
      out.erase(key);
    }
  }
  if (in.failed()) return std::nullopt;
  return out;
}

void append(Encoder& out, const storage::Batch& effect) {
  out.var(effect.partition.name()).u32(static_cast<std::uint32_t>(effect.writes.size()));
  for (const storage::Write& write : effect.writes) {
    out.u8(write.value ? kPut : kErase).var(write.key);
    if (write.value) out.var(*write.value);
  }
}

}  // namespace

LabelHash hash_of(const transparency::Label& label) { return crypto::sha256(label.octets()); }

std::size_t OctetsHash::operator()(const Hash& octets) const noexcept {
  // Every such hash is SHA-256 of something, and at most the handles among the inputs are anybody's choice.
  std::size_t out = 0;
  std::memcpy(&out, octets.data(), sizeof out);
  return out;
}

std::size_t OctetsHash::operator()(const PageId& id) const noexcept {
  return (*this)(id.prefix) * 31 + id.depth;
}

const storage::Partition& log_partition() {
  static const storage::Partition kPartition = partition(kLogPartition, {});
  return kPartition;
}

storage::Partition page_partition(const PageId& id) {
  return partition(kPagePartition, ByteView(id.prefix).first(id.depth < kSpreadDepth ? 0 : 1));
}

storage::Partition label_partition(const LabelHash& label) {
  return partition(kLabelPartition, ByteView(label).first(1));
}

bool is_ours(const storage::Partition& partition) {
  const std::string_view name = as_chars(partition.name());
  return name == kLogPartition || name.starts_with(kPagePartition) || name.starts_with(kLabelPartition);
}

Bytes state_key() { return {'H'}; }
Bytes entry_key(std::uint64_t epoch) { return numbered('E', epoch); }
Bytes mutations_key(std::uint64_t epoch, std::uint32_t page) { return numbered('M', epoch, page); }
Bytes redo_key(std::uint64_t epoch, std::uint32_t chunk) { return numbered('R', epoch, chunk); }

Bytes node_key(const crypto::SubtreeId& id) {
  Encoder key;
  key.u8('N').u8(id.level).u64(id.index);
  return std::move(key).take();
}

Bytes page_key(const PageId& id) {
  Encoder key;
  key.u8('P').u8(id.depth).raw(ByteView(id.prefix).first((id.depth + 7U) / 8));
  return std::move(key).take();
}

Bytes label_key(const LabelHash& label) {
  Encoder key;
  key.u8('L').raw(label);
  return std::move(key).take();
}

Bytes encode(const StateRecord& record) {
  Encoder out;
  out.u8(kFormat).u64(record.size).u64(record.applied).u32(record.redo_chunks).raw(record.log);
  return std::move(out).take();
}

std::optional<StateRecord> decode_state(ByteView octets) {
  Decoder in(octets);
  if (in.u8() != kFormat) return std::nullopt;
  StateRecord out;
  out.size = in.u64();
  out.applied = in.u64();
  out.redo_chunks = in.u32();
  out.log = in.array<32>();
  const bool sound = out.size > 0 && (out.applied == out.size || out.applied == out.size - 1);
  if (!in.finished() || !sound) return std::nullopt;
  return out;
}

MapLeaf LabelRecord::leaf() const {
  return {crypto::vrf_output(vrf), version, transparency::commit(nonce, value)};
}

Bytes encode(const LabelRecord& record) {
  Encoder out(kMaxLabelRecord);
  out.u8(kFormat).raw(record.vrf).u64(record.version).raw(record.nonce).var(record.value);
  return std::move(out).take();
}

std::optional<LabelRecord> decode_label(ByteView octets) {
  Decoder in(octets);
  if (in.u8() != kFormat) return std::nullopt;
  LabelRecord out;
  out.vrf = in.array<crypto::kVrfProofSize>();
  out.version = in.u64();
  out.nonce = in.array<32>();
  out.value = to_bytes(in.var(transparency::kMaxValue));
  if (!in.finished() || out.version == 0) return std::nullopt;
  return out;
}

Bytes encode(const Redo& redo) {
  Encoder out;
  out.u32(static_cast<std::uint32_t>(redo.labels.size()));
  for (const Redo::Labelled& labelled : redo.labels) out.raw(labelled.label).var(encode(labelled.record));
  out.u32(static_cast<std::uint32_t>(redo.effects.size()));
  for (const storage::Batch& effect : redo.effects) append(out, effect);
  return std::move(out).take();
}

std::optional<Redo> decode_redo(ByteView octets) {
  Decoder in(octets);
  Redo out;
  const std::uint32_t labels = in.u32();
  if (labels > transparency::kMaxMutations) return std::nullopt;
  for (std::uint32_t i = 0; i < labels; ++i) {
    const LabelHash label = in.array<32>();
    auto record = decode_label(in.var(kMaxLabelRecord));
    if (!record) return std::nullopt;
    out.labels.push_back({label, *std::move(record)});
  }
  const std::uint32_t effects = in.u32();
  if (in.failed() || effects > transparency::kMaxMutations * kMaxEffects) return std::nullopt;
  for (std::uint32_t i = 0; i < effects; ++i) {
    auto effect = decode_effect(in);
    if (!effect) return std::nullopt;
    out.effects.push_back(*std::move(effect));
  }
  if (!in.finished()) return std::nullopt;
  return out;
}

}  // namespace sotto::transparency_log

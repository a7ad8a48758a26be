#include "storage/encoding.h"

#include <utility>

#include "bytes/encoder.h"

namespace sotto::storage {
namespace {

constexpr std::uint8_t kStateKind = 0;
constexpr std::uint8_t kEntryKind = 1;
constexpr std::uint8_t kEndKind = 2;

Bytes join(ByteView prefix, std::uint8_t kind, ByteView key) {
  Encoder encoder(prefix.size() + 2 + key.size());
  encoder.raw(prefix).u8(kind).raw(key);
  return std::move(encoder).take();
}

}  // namespace

Bytes encode_format_key() { return {0}; }

Bytes encode_format(std::uint32_t version) {
  Encoder encoder;
  encoder.u32(version);
  return std::move(encoder).take();
}

StorageResult<std::uint32_t> decode_format(ByteView record) {
  Decoder decoder(record);
  const std::uint32_t version = decoder.u32();
  if (!decoder.finished()) return err(StorageError::corrupt);
  return version;
}

Bytes encode_state(const PartitionState& state) {
  Encoder encoder;
  encoder.u64(state.version.value).u16(static_cast<std::uint16_t>(state.watermarks.all().size()));
  for (const auto& [queue, watermark] : state.watermarks.all()) encoder.var(watermark);
  return std::move(encoder).take();
}

StorageResult<PartitionState> decode_state(ByteView record) {
  Decoder decoder(record);
  PartitionState state{.version = {decoder.u64()}, .watermarks = {}};
  int last_queue = -1;
  for (std::size_t left = decoder.u16(); left > 0; --left) {
    const ByteView watermark = decoder.var(kMaxKeyOctets);
    // Ascending first octets: one encoding per state, and at most 256 watermarks.
    if (watermark.empty() || watermark.front() <= last_queue) return err(StorageError::corrupt);
    last_queue = watermark.front();
    state.watermarks.raise(watermark);
  }
  if (!decoder.finished()) return err(StorageError::corrupt);
  return state;
}

Bytes encode_prefix(const Partition& partition) {
  Encoder encoder(1 + partition.name().size());
  encoder.u8(static_cast<std::uint8_t>(partition.name().size())).raw(partition.name());
  return std::move(encoder).take();
}

Bytes encode_state_key(ByteView prefix) { return join(prefix, kStateKind, {}); }

Bytes encode_entry_key(ByteView prefix, ByteView key) { return join(prefix, kEntryKind, key); }

Bytes encode_after(ByteView prefix, ByteView key) {
  Bytes out = encode_entry_key(prefix, key);
  out.push_back(0);
  return out;
}

Bytes encode_partition_end(ByteView prefix) { return join(prefix, kEndKind, {}); }

std::optional<EntryKey> decode_entry_key(ByteView encoded) {
  Decoder decoder(encoded);
  const std::size_t length = decoder.u8();
  decoder.raw(length);
  const std::uint8_t kind = decoder.u8();
  const ByteView key = decoder.rest();
  if (decoder.failed() || length == 0 || length > kMaxPartitionOctets || kind != kEntryKind)
    return std::nullopt;
  if (key.empty() || key.size() > kMaxKeyOctets) return std::nullopt;
  return EntryKey{encoded.first(1 + length), key};
}

}  // namespace sotto::storage

#include "relay/record.h"

#include "bytes/encoder.h"
#include "result/check.h"

namespace sotto::relay {
namespace {

constexpr std::uint8_t kEnvelopeQueue = 'e';
constexpr std::uint8_t kCheckpointKey = 's';
constexpr std::uint8_t kDayQueue = 'd';
constexpr std::uint8_t kFormat = 1;
// Wider than any limit an operator can set, so that lowering a limit never makes stored envelopes unreadable.
constexpr std::size_t kMaxStoredOctets = storage::kMaxValueOctets;

storage::Partition named(ByteView name) {
  auto partition = storage::Partition::create(name);
  SOTTO_CHECK(partition.has_value());
  return *partition;
}

void put_point(Encoder& out, const Point& point) {
  out.u64(point.sequence.value).u64(point.totals.envelopes).u64(point.totals.octets);
}

Point get_point(Decoder& in) {
  Point point;
  point.sequence.value = in.u64();
  point.totals.envelopes = in.u64();
  point.totals.octets = in.u64();
  return point;
}

bool in_order(const Point& earlier, const Point& later) {
  return earlier.sequence <= later.sequence && earlier.totals.envelopes <= later.totals.envelopes &&
         earlier.totals.octets <= later.totals.octets;
}

}  // namespace

std::string_view describe(RelayError error) {
  switch (error) {
    case RelayError::storage_unavailable: return "the store could not be read";
    case RelayError::corrupt: return "a mailbox record is damaged";
  }
  return "unknown relay error";
}

storage::Partition mailbox_partition(const DeviceAddress& device) {
  // Both ids: a device id is its owner's choice, and another account could claim the same one.
  return named(Encoder(35).raw(as_bytes("mbx")).raw(device.account.view()).raw(device.device.view()).view());
}

Bytes envelope_key(Sequence sequence) {
  Encoder out(9);
  out.u8(kEnvelopeQueue).u64(sequence.value);
  return std::move(out).take();
}

Bytes checkpoint_key() { return {kCheckpointKey}; }

std::optional<Sequence> parse_envelope_key(ByteView key) {
  Decoder in(key);
  const bool is_envelope = in.u8() == kEnvelopeQueue;
  const Sequence sequence{in.u64()};
  if (!is_envelope || !in.finished()) return std::nullopt;
  return sequence;
}

Bytes encode(const EnvelopeRecord& record) {
  Encoder out(33 + record.payload.size() + record.shared_body.size());
  out.u8(static_cast<std::uint8_t>(record.origin))
      .u64(record.received.value)
      .u64(record.totals.envelopes)
      .u64(record.totals.octets);
  out.var(record.payload).var(record.shared_body);
  return std::move(out).take();
}

Bytes encode(const Checkpoint& checkpoint) {
  Encoder out(53);
  out.u8(kFormat);
  put_point(out, checkpoint.acknowledged);
  put_point(out, checkpoint.last);
  out.u32(checkpoint.indexed_day);
  return std::move(out).take();
}

RelayResult<EnvelopeRecord> decode_envelope(ByteView value) {
  Decoder in(value);
  EnvelopeRecord record;
  record.origin = static_cast<Origin>(in.u8());
  record.received.value = in.u64();
  record.totals.envelopes = in.u64();
  record.totals.octets = in.u64();
  record.payload = in.var(kMaxStoredOctets);
  record.shared_body = in.var(kMaxStoredOctets);
  const bool known = record.origin == Origin::device || record.origin == Origin::gateway;
  if (!in.finished() || !known) return err(RelayError::corrupt);
  if (record.totals.envelopes == 0 || record.totals.octets < record.octets()) return err(RelayError::corrupt);
  return record;
}

RelayResult<Checkpoint> decode_checkpoint(ByteView value) {
  Decoder in(value);
  const std::uint8_t format = in.u8();
  Checkpoint checkpoint;
  checkpoint.acknowledged = get_point(in);
  checkpoint.last = get_point(in);
  checkpoint.indexed_day = in.u32();
  if (!in.finished() || format != kFormat) return err(RelayError::corrupt);
  if (!in_order(checkpoint.acknowledged, checkpoint.last)) return err(RelayError::corrupt);
  return checkpoint;
}

std::uint32_t day_of(UnixMs time) { return static_cast<std::uint32_t>(time.value / days(1).value); }

storage::Partition expiry_partition() { return named(as_bytes("mbx-expiry")); }

Bytes expiry_key(std::uint32_t day, const DeviceAddress& device) {
  Encoder out(37);
  out.u8(kDayQueue).u32(day).raw(device.account.view()).raw(device.device.view());
  return std::move(out).take();
}

Bytes expiry_bound(std::uint32_t day) {
  Encoder out(5);
  out.u8(kDayQueue).u32(day);
  return std::move(out).take();
}

std::optional<std::pair<std::uint32_t, DeviceAddress>> parse_expiry_key(ByteView key) {
  Decoder in(key);
  const bool is_day = in.u8() == kDayQueue;
  const std::uint32_t day = in.u32();
  const AccountId account(in.array<AccountId::kSize>());
  const DeviceId device(in.array<DeviceId::kSize>());
  if (!is_day || !in.finished()) return std::nullopt;
  return std::pair{day, DeviceAddress{account, device}};
}

}  // namespace sotto::relay

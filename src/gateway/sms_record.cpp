#include "gateway/sms_record.h"

#include "bytes/encoder.h"
#include "crypto/hash.h"
#include "gateway/sms_limits.h"
#include "result/check.h"

namespace sotto::gateway {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kTextQueue = 'T';
constexpr std::uint8_t kRouteQueue = 'R';
/// A text with the line that introduces its sender.
constexpr std::size_t kMaxStoredText = 2 * kMaxSmsOctets;

/// A flag, and nothing else.
bool get_flag(Decoder& in, bool& valid) {
  const std::uint8_t value = in.u8();
  valid = valid && value <= 1;
  return value == 1;
}

std::string get_text(Decoder& in, std::size_t bound) { return std::string(as_chars(in.var(bound))); }

}  // namespace

storage::Partition sms_partition() {
  const auto created = storage::Partition::create(as_bytes("sms"));
  SOTTO_CHECK(created);
  return *created;
}

Bytes text_key(const SmsRef& ref) {
  Encoder key;
  key.u8(kTextQueue).raw(ref.view());
  return std::move(key).take();
}

Bytes route_key(const std::string& number, const std::string& peer) {
  Encoder pair;
  pair.var(as_bytes(number)).var(as_bytes(peer));
  Encoder key;
  key.u8(kRouteQueue).raw(crypto::sha256(pair.view()));
  return std::move(key).take();
}

Bytes first_text_key() { return {kTextQueue}; }
Bytes first_route_key() { return {kRouteQueue}; }

std::optional<SmsRef> ref_of(ByteView key) {
  Decoder in(key);
  const std::uint8_t queue = in.u8();
  const SmsRef ref(in.array<SmsRef::kSize>());
  if (!in.finished() || queue != kTextQueue) return std::nullopt;
  return ref;
}

Bytes encode(const TextRecord& record) {
  Encoder out;
  out.u8(kFormat).raw(record.account.view()).raw(record.id.view());
  out.u64(record.accepted.value).u64(record.reported.value);
  out.u8(record.parts).u8(static_cast<std::uint8_t>(record.state)).u8(record.owed ? 1 : 0);
  out.var(as_bytes(record.from)).var(as_bytes(record.to)).var(as_bytes(record.text));
  return std::move(out).take();
}

std::optional<TextRecord> decode_text(ByteView octets) {
  Decoder in(octets);
  TextRecord out;
  bool valid = in.u8() == kFormat;
  out.account = identity::AccountId(in.array<16>());
  out.id = SmsId(in.array<16>());
  out.accepted = {in.u64()};
  out.reported = {in.u64()};
  out.parts = in.u8();
  const std::uint8_t state = in.u8();
  out.owed = get_flag(in, valid);
  out.from = get_text(in, kMaxNumberOctets);
  out.to = get_text(in, kMaxNumberOctets);
  out.text = get_text(in, kMaxStoredText);
  valid = valid && state >= static_cast<std::uint8_t>(SmsState::waiting) &&
          state <= static_cast<std::uint8_t>(SmsState::no_report);
  if (!in.finished() || !valid) return std::nullopt;
  out.state = static_cast<SmsState>(state);
  return out;
}

Bytes encode(const RouteRecord& record) {
  Encoder out;
  out.u8(kFormat).raw(record.account.view()).u64(record.created.value).u64(record.last_used.value);
  out.u8(record.stopped ? 1 : 0).var(as_bytes(record.number)).var(as_bytes(record.peer));
  return std::move(out).take();
}

std::optional<RouteRecord> decode_route(ByteView octets) {
  Decoder in(octets);
  RouteRecord out;
  bool valid = in.u8() == kFormat;
  out.account = identity::AccountId(in.array<16>());
  out.created = {in.u64()};
  out.last_used = {in.u64()};
  out.stopped = get_flag(in, valid);
  out.number = get_text(in, kMaxNumberOctets);
  out.peer = get_text(in, kMaxNumberOctets);
  if (!in.finished() || !valid) return std::nullopt;
  return out;
}

}  // namespace sotto::gateway

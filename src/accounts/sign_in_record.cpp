#include "accounts/sign_in_record.h"

#include "bytes/encoder.h"
#include "identity/account_password.h"
#include "result/check.h"

namespace sotto::accounts {
namespace {

constexpr std::uint8_t kFormat = 1;

storage::Partition partition_of(std::string_view kind, ByteView id) {
  Encoder name;
  name.raw(as_bytes(kind)).raw(id);
  const auto created = storage::Partition::create(name.view());
  SOTTO_CHECK(created);
  return *created;
}

Bytes key_of(char queue) { return {static_cast<std::uint8_t>(queue)}; }

}  // namespace

storage::Partition sign_in_partition(const identity::AccountId& account) {
  return partition_of("sgn", account.view());
}
Bytes password_key() { return key_of('P'); }
Bytes failures_key() { return key_of('F'); }

storage::Partition notice_partition(const identity::AccountId& account) {
  return partition_of("ntc", account.view());
}
Bytes last_notice_key() { return key_of('L'); }

Bytes notice_key(std::uint64_t number) {
  Encoder key;
  key.u8('N').u64(number);
  return std::move(key).take();
}

std::optional<std::uint64_t> notice_number(ByteView key) {
  Decoder in(key);
  const std::uint8_t queue = in.u8();
  const std::uint64_t number = in.u64();
  if (!in.finished() || queue != 'N') return std::nullopt;
  return number;
}

storage::Partition sign_in_secret_partition() { return partition_of("sign-in", {}); }
Bytes sign_in_secret_key() { return key_of('S'); }

Bytes encode(const PasswordRecord& record) {
  Encoder out;
  out.u8(kFormat).u64(record.set.value).raw(record.salt);
  out.u32(record.cost.memory_kib).u32(record.cost.iterations).u32(record.cost.lanes);
  out.raw(record.check_salt).raw(record.check);
  return std::move(out).take();
}

std::optional<PasswordRecord> decode_password(ByteView octets) {
  Decoder in(octets);
  PasswordRecord out{};
  if (in.u8() != kFormat) return std::nullopt;
  out.set = {in.u64()};
  out.salt = in.array<16>();
  out.cost.memory_kib = in.u32();
  out.cost.iterations = in.u32();
  out.cost.lanes = in.u32();
  out.check_salt = in.array<16>();
  out.check = in.array<32>();
  if (!in.finished() || !identity::acceptable(out.cost)) return std::nullopt;
  return out;
}

Bytes encode(const Failures& record) {
  Encoder out;
  out.u8(kFormat).u32(record.count).u64(record.last.value);
  return std::move(out).take();
}

std::optional<Failures> decode_failures(ByteView octets) {
  Decoder in(octets);
  if (in.u8() != kFormat) return std::nullopt;
  Failures out;
  out.count = in.u32();
  out.last = {in.u64()};
  if (!in.finished()) return std::nullopt;
  return out;
}

Bytes encode(const NoticeRecord& record) {
  Encoder out;
  out.u8(kFormat).u64(record.time.value).u8(static_cast<std::uint8_t>(record.kind));
  out.var(as_bytes(record.address));
  return std::move(out).take();
}

std::optional<NoticeRecord> decode_notice(ByteView octets) {
  Decoder in(octets);
  if (in.u8() != kFormat) return std::nullopt;
  NoticeRecord out;
  out.time = {in.u64()};
  const int kind = in.u8();
  out.address = as_chars(in.var(kMaxNoticeAddress));
  if (!in.finished() || !v1::AccountNotice::Kind_IsValid(kind)) return std::nullopt;
  out.kind = static_cast<v1::AccountNotice::Kind>(kind);
  return out;
}

Bytes encode_last_notice(std::uint64_t number) {
  Encoder out;
  out.u8(kFormat).u64(number);
  return std::move(out).take();
}

std::optional<std::uint64_t> decode_last_notice(ByteView octets) {
  Decoder in(octets);
  if (in.u8() != kFormat) return std::nullopt;
  const std::uint64_t number = in.u64();
  if (!in.finished()) return std::nullopt;
  return number;
}

}  // namespace sotto::accounts

#include "accounts/invite_record.h"

#include "bytes/encoder.h"
#include "crypto/hash.h"
#include "identity/limits.h"
#include "result/check.h"

namespace sotto::accounts {
namespace {
constexpr std::uint8_t kFormat = 1;
}  // namespace

storage::Partition invite_partition() {
  const auto created = storage::Partition::create(as_bytes("invites"));
  SOTTO_CHECK(created);
  return *created;
}

Bytes invite_key(ByteView token) {
  Encoder key;
  key.u8('I').raw(crypto::sha256(token));
  return std::move(key).take();
}

Bytes encode(const InviteRecord& record) {
  Encoder out;
  out.u8(kFormat).u64(record.expires.value).var(as_bytes(record.handle));
  out.var(record.redeemed_by ? record.redeemed_by->view() : ByteView());
  return std::move(out).take();
}

std::optional<InviteRecord> decode_invite(ByteView octets) {
  Decoder in(octets);
  InviteRecord out;
  if (in.u8() != kFormat) return std::nullopt;
  out.expires = {in.u64()};
  out.handle = as_chars(in.var(identity::kMaxHandle));
  const ByteView redeemed_by = in.var(identity::AccountId::kSize);
  if (!in.finished()) return std::nullopt;
  out.redeemed_by = identity::AccountId::from(redeemed_by);
  if (!redeemed_by.empty() && !out.redeemed_by) return std::nullopt;
  return out;
}

}  // namespace sotto::accounts

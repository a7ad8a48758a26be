// A LogView as a client stores it:
//   u8 1 || keys2018 || u8 has head || [head88 || signature3373] || u32 n || n x (u64 size || root32)
//   || u32 m || m x (account16 || log8 || u64 size || root32 || u64 first_heard_ms || u8 disputed)
//   || V(v1.ForkEvidence, or nothing)
#include "bytes/encoder.h"
#include "sotto/v1/transparency.pb.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::transparency {
namespace {

constexpr std::uint8_t kFormat = 1;

}  // namespace

Bytes LogView::encoded() const {
  Encoder out;
  out.u8(kFormat).raw(keys_.encoded()).u8(head_ ? 1 : 0);
  if (head_) out.raw(head_->head.encoded()).raw(head_->signature);
  out.u32(static_cast<std::uint32_t>(known_.size()));
  for (const Known& known : known_) out.u64(known.size).raw(known.root);
  out.u32(static_cast<std::uint32_t>(claims_.size()));
  for (const OpenClaim& claim : claims_) {
    out.raw(claim.account.view()).raw(claim.gossip.log).u64(claim.gossip.size).raw(claim.gossip.root);
    out.u64(claim.first_heard.value).u8(claim.disputed ? 1 : 0);
  }
  v1::ForkEvidence evidence;
  if (fork_) to_wire(*fork_, evidence);
  out.var(wire::encode(evidence));
  return std::move(out).take();
}

TransparencyResult<LogView> LogView::from_own_store(ByteView octets) {
  Decoder in(octets);
  if (in.u8() != kFormat) return err(TransparencyError::malformed);
  SOTTO_TRY(LogKeys keys, LogKeys::parse(in.raw(LogKeys::kSize)));
  LogView out(std::move(keys));
  if (in.u8() == 1) {
    SOTTO_TRY(const TreeHead head, TreeHead::parse(in.raw(kTreeHeadSize)));
    out.head_ = SignedTreeHead{head, in.array<crypto::kHybridSignatureSize>(), {}};
  }
  const std::uint32_t known = in.u32();
  if (known > kMaxProvenHeads) return err(TransparencyError::malformed);
  for (std::uint32_t i = 0; i < known; ++i) {
    const std::uint64_t size = in.u64();
    out.known_.push_back({size, in.array<32>()});
  }
  const std::uint32_t claims = in.u32();
  if (claims > kMaxOpenClaims) return err(TransparencyError::malformed);
  for (std::uint32_t i = 0; i < claims; ++i) {
    OpenClaim claim;
    claim.account = AccountId(in.array<AccountId::kSize>());
    claim.gossip.log = in.array<8>();
    claim.gossip.size = in.u64();
    claim.gossip.root = in.array<32>();
    claim.first_heard = {in.u64()};
    claim.disputed = in.u8() != 0;
    out.claims_.push_back(claim);
  }
  v1::ForkEvidence evidence;
  const ByteView stored = in.var(kMaxEvidence);
  if (!in.finished() || !wire::decode(stored, kMaxEvidence, evidence))
    return err(TransparencyError::malformed);
  if (!stored.empty()) {
    SOTTO_TRY(out.fork_, from_wire(evidence));
  }
  return out;
}

}  // namespace sotto::transparency

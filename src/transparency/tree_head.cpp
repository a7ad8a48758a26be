#include "transparency/tree_head.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "transparency/limits.h"

namespace sotto::transparency {

ByteArray<LogKeys::kSize> LogKeys::encoded() const {
  ByteArray<kSize> out;
  std::ranges::copy(vrf.encoded(), std::ranges::copy(identity.encoded(), out.begin()).out);
  return out;
}

TransparencyResult<LogKeys> LogKeys::parse(ByteView octets) {
  if (octets.size() != kSize) return err(TransparencyError::malformed);
  auto identity = crypto::HybridPublicKey::decode(octets.first(crypto::kHybridPublicKeySize));
  auto vrf = crypto::VrfPublicKey::decode(octets.subspan(crypto::kHybridPublicKeySize));
  if (!identity || !vrf) return err(TransparencyError::malformed);
  return LogKeys{*std::move(identity), *std::move(vrf)};
}

LogId log_id(const LogKeys& keys) {
  Encoder out;
  out.label(label::kLog).raw(keys.encoded());
  return crypto::sha256(out.view());
}

ByteArray<kTreeHeadSize> TreeHead::encoded() const {
  Encoder out(kTreeHeadSize);
  out.label(label::kTreeHead).raw(log).u64(size).raw(root).u64(time.value);
  return to_array<kTreeHeadSize>(out.view());
}

TransparencyResult<TreeHead> TreeHead::parse(ByteView octets) {
  Decoder in(octets);
  TreeHead out;
  in.label(label::kTreeHead);
  out.log = in.array<32>();
  out.size = in.u64();
  out.root = in.array<32>();
  out.time = {in.u64()};
  if (!in.finished() || out.size == 0) return err(TransparencyError::malformed);
  return out;
}

SignedTreeHead sign(const TreeHead& head, const crypto::HybridPrivateKey& identity,
                    crypto::RandomSource& random) {
  return {head, identity.sign(head.encoded(), random), {}};
}

TransparencyResult<void> verify(const LogKeys& keys, const SignedTreeHead& head) {
  if (head.head.log != log_id(keys)) return err(TransparencyError::wrong_log);
  if (!keys.identity.verify(head.head.encoded(), head.signature))
    return err(TransparencyError::bad_signature);
  return {};
}

Cosignature cosign(const TreeHead& head, const crypto::HybridPrivateKey& witness,
                   crypto::RandomSource& random) {
  return {witness.public_key().fingerprint(), witness.sign(head.encoded(), random)};
}

TransparencyResult<std::size_t> count_cosignatures(const SignedTreeHead& head,
                                                   std::span<const crypto::HybridPublicKey> witnesses) {
  std::size_t count = 0;
  for (const crypto::HybridPublicKey& witness : witnesses) {
    const auto by = std::ranges::find(head.cosignatures, witness.fingerprint(), &Cosignature::witness);
    if (by == head.cosignatures.end()) continue;
    if (!witness.verify(head.head.encoded(), by->signature)) return err(TransparencyError::bad_signature);
    ++count;
  }
  return count;
}

}  // namespace sotto::transparency

#include "transparency/map.h"

#include <algorithm>
#include <bit>

#include "bytes/encoder.h"
#include "transparency/limits.h"

namespace sotto::transparency {
namespace {

/// The node at the bottom of a path of `depth` siblings, if the outcome can stand there.
std::optional<Hash> bottom(const MapKey& key, std::size_t depth, const MapOutcome& outcome) {
  if (const auto* present = std::get_if<Present>(&outcome)) {
    if (present->version == 0) return std::nullopt;
    return leaf_hash({key, present->version, present->commitment});
  }
  if (const auto* other = std::get_if<AbsentOther>(&outcome)) {
    const std::size_t shared = shared_bits(key, other->leaf.key);
    if (shared < depth || other->leaf.key == key || other->leaf.version == 0) return std::nullopt;
    return leaf_hash(other->leaf);
  }
  return empty_hash();
}

}  // namespace

Commitment commit(const Nonce& nonce, ByteView value) { return crypto::hmac_sha256(nonce, value); }

Hash leaf_hash(const MapLeaf& leaf) {
  Encoder out(1 + 32 + 8 + 32);
  out.u8(0x00).raw(leaf.key).u64(leaf.version).raw(leaf.commitment);
  return crypto::sha256(out.view());
}

const Hash& empty_hash() {
  static const Hash kEmpty = crypto::sha256(ByteView(ByteArray<1>{0x02}));
  return kEmpty;
}

std::size_t shared_bits(const MapKey& a, const MapKey& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i])
      return i * 8 + static_cast<std::size_t>(std::countl_zero(static_cast<std::uint8_t>(a[i] ^ b[i])));
  }
  return a.size() * 8;
}

TransparencyResult<Hash> root_of(const MapKey& key, const MapProof& proof) {
  const std::size_t depth = proof.path.size();
  if (depth > kMaxMapPath) return err(TransparencyError::bad_map_proof);
  auto node = bottom(key, depth, proof.outcome);
  if (!node) return err(TransparencyError::bad_map_proof);
  for (std::size_t i = 0; i < depth; ++i) {
    const Hash& sibling = proof.path[i];
    node = bit_of(key, depth - 1 - i) ? map_node(sibling, *node) : map_node(*node, sibling);
  }
  return *node;
}

}  // namespace sotto::transparency

// The map: one leaf for each label, in a compact binary tree over map keys (docs/specs/transparency.md 2).
#pragma once

#include <optional>
#include <span>
#include <variant>

#include "crypto/merkle.h"
#include "crypto/vrf.h"
#include "transparency/error.h"

namespace sotto::transparency {

using Hash = crypto::Sha256Digest;
/// beta of the label: says nothing about it to whoever has no VRF proof.
using MapKey = crypto::VrfOutput;
using Commitment = Hash;
using Nonce = ByteArray<32>;

/// HMAC-SHA256(nonce, value)
Commitment commit(const Nonce& nonce, ByteView value);

struct MapLeaf {
  MapKey key{};
  std::uint64_t version = 0;
  Commitment commitment{};

  friend bool operator==(const MapLeaf&, const MapLeaf&) = default;
};

/// H(0x00 || map key || u64 version || commitment)
Hash leaf_hash(const MapLeaf& leaf);
/// H(0x01 || left || right): the same as in the log.
inline Hash map_node(const Hash& left, const Hash& right) { return crypto::merkle_node(left, right); }
/// H(0x02)
const Hash& empty_hash();

/// Bit `index` of a map key, counted from the most significant bit of its first octet.
inline bool bit_of(const MapKey& key, std::size_t index) {
  return (key[index / 8] >> (7 - index % 8) & 1) != 0;
}
/// How many leading bits two keys share: 256 if they are equal.
std::size_t shared_bits(const MapKey& a, const MapKey& b);

struct Present {
  std::uint64_t version = 0;  ///< 1 or larger
  Commitment commitment{};

  friend bool operator==(const Present&, const Present&) = default;
};
/// The way of the key ends at a subtree without a leaf.
struct AbsentEmpty {
  friend bool operator==(const AbsentEmpty&, const AbsentEmpty&) = default;
};
/// It ends at the leaf of another key.
struct AbsentOther {
  MapLeaf leaf;

  friend bool operator==(const AbsentOther&, const AbsentOther&) = default;
};
using MapOutcome = std::variant<AbsentEmpty, AbsentOther, Present>;

/// What the map says about one key.
struct MapProof {
  crypto::MerklePath path;  ///< siblings, bottom upwards
  MapOutcome outcome;

  friend bool operator==(const MapProof&, const MapProof&) = default;
};

/// The root under which `proof` says the truth about `key`; the proof says nothing about any other root.
/// Errors: bad_map_proof (a path longer than a key, version 0, or another leaf that is not in the way).
TransparencyResult<Hash> root_of(const MapKey& key, const MapProof& proof);

}  // namespace sotto::transparency

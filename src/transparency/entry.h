// Entries of the log and the mutations they commit to (docs/specs/transparency.md 3).
#pragma once

#include <span>
#include <vector>

#include "clock/clock.h"
#include "transparency/map.h"

namespace sotto::transparency {

inline constexpr std::size_t kEntrySize = 80;

/// One epoch: what the map was after a batch of mutations.
struct Entry {
  std::uint64_t epoch = 0;
  Hash map_root{};
  UnixMs time;
  Hash mutations{};

  [[nodiscard]] ByteArray<kEntrySize> encoded() const;
  /// Errors: malformed.
  static TransparencyResult<Entry> parse(ByteView octets);
  /// The leaf of the log's tree: H(0x00 || entry).
  [[nodiscard]] Hash leaf() const { return crypto::merkle_leaf(encoded()); }

  friend bool operator==(const Entry&, const Entry&) = default;
};

inline constexpr std::size_t kMutationSize = 72;

/// One leaf that an epoch set.
struct Mutation {
  MapKey key{};
  std::uint64_t version = 0;  ///< the new one
  Hash leaf{};                ///< the new leaf's hash

  friend bool operator==(const Mutation&, const Mutation&) = default;
};

/// 72 octets each, without count.
Bytes encode(std::span<const Mutation> mutations);
/// A page of a list or a whole one. Errors: malformed (a length that is no multiple of 72, or more than
/// kMaxMutations).
TransparencyResult<std::vector<Mutation>> parse_mutations(ByteView octets);

/// The hash an entry carries. Errors: wrong_list (keys not ascending or not unique, or more than
/// kMaxMutations).
TransparencyResult<Hash> hash_of(std::span<const Mutation> mutations);

}  // namespace sotto::transparency

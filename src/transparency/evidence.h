// Proof, for anybody who knows a log's id, that the log contradicted itself (docs/specs/transparency.md 5).
#pragma once

#include <optional>
#include <variant>

#include "transparency/lookup.h"

namespace sotto::transparency {

/// Two heads of one size with unequal roots.
struct Split {
  friend bool operator==(const Split&, const Split&) = default;
};

/// The larger tree begins with another tree than the smaller head's.
struct Inconsistent {
  crypto::MerklePath path;  ///< leads to the second head's root ...
  Hash other_root{};        ///< ... from this root of the first size

  friend bool operator==(const Inconsistent&, const Inconsistent&) = default;
};

/// One map key under the last entry of a head.
struct MapStatement {
  LastEntry entry;
  MapProof map;

  friend bool operator==(const MapStatement&, const MapStatement&) = default;
};

/// A leaf that vanished, fell back or was replaced between two heads.
struct Rewritten {
  MapKey key{};
  MapStatement first;
  MapStatement second;

  friend bool operator==(const Rewritten&, const Rewritten&) = default;
};

struct ForkEvidence {
  LogKeys keys;
  SignedTreeHead first;  ///< not larger than the second
  SignedTreeHead second;
  std::variant<Split, Inconsistent, Rewritten> contradiction;

  friend bool operator==(const ForkEvidence&, const ForkEvidence&) = default;
};

/// Verifies both signatures and the contradiction. The caller compares log_id(evidence.keys) with the log it
/// means. Errors: wrong_log, bad_signature, bad_map_proof, not_last_entry, no_contradiction.
TransparencyResult<void> verify(const ForkEvidence& evidence);

/// What two verified heads prove by themselves or, for unequal sizes, together with a path that failed as
/// proof of consistency; nothing if that may just be a wrong path. Any order of the heads.
std::optional<ForkEvidence> contradiction(const LogKeys& keys, const SignedTreeHead& a,
                                          const SignedTreeHead& b, const crypto::MerklePath& path);

/// What two answers about one label prove, for clients that keep the earlier one: label `index_a` of `a` and
/// `index_b` of `b`. Nothing if the later one follows from the earlier one. Any order of the answers.
std::optional<ForkEvidence> contradiction(const LogKeys& keys, const LookupAnswer& a, std::size_t index_a,
                                          const LookupAnswer& b, std::size_t index_b);

}  // namespace sotto::transparency

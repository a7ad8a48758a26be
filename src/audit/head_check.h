// Holding a signed head against what is known of a log, before its entries are fetched
// (docs/specs/transparency.md 7).
#pragma once

#include <optional>

#include "audit/finding.h"
#include "audit/history_tree.h"

namespace sotto::audit {

enum class HeadVerdict : std::uint8_t {
  follow,  ///< of as many entries as were followed, or more: go there and compare
  behind,  ///< an older one of the same log: ask again
};

/// What an auditor has of a log.
struct Followed {
  const transparency::LogKeys& keys;
  std::uint64_t size = 0;  ///< entries followed
  const LeafReader& leaves;
  /// The newest head found right; it may be of more entries than were followed, after a loss of files.
  const std::optional<transparency::SignedTreeHead>& known;
};

/// What a head shows to be broken, without time and number of entries, which the caller adds.
struct BrokenRule {
  FindingKind kind = FindingKind::head;
  transparency::TransparencyError rule = transparency::TransparencyError::wrong_root;
  std::optional<transparency::ForkEvidence> evidence = std::nullopt;
};

/// `head` is verified: the log signed it. `path`: what came with it as proof that it continues `known`; it is
/// believed only where it proves the contrary.
Result<HeadVerdict, BrokenRule> check_head(const Followed& followed, const transparency::SignedTreeHead& head,
                                           const crypto::MerklePath& path);

/// A consistency path from a size that is a power of two does not show the root of that size, so a path that
/// fails proves nothing yet. The path from one entry more has that root among its hashes, except for a first
/// size of 1.
bool needs_another_path(const transparency::TreeHead& first, const transparency::TreeHead& second);
/// What that second path proves together with the first one. Sizes as needs_another_path() wants them.
std::optional<transparency::ForkEvidence> contradiction(const transparency::LogKeys& keys,
                                                        const transparency::SignedTreeHead& first,
                                                        const transparency::SignedTreeHead& second,
                                                        const crypto::MerklePath& path,
                                                        const crypto::MerklePath& from_one_more);

}  // namespace sotto::audit

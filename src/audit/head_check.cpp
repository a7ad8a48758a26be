#include "audit/head_check.h"

#include <bit>

namespace sotto::audit {
namespace {

using transparency::SignedTreeHead;
using transparency::TransparencyError;

BrokenRule fork(transparency::ForkEvidence evidence) {
  return {FindingKind::head, TransparencyError::forked, std::move(evidence)};
}

SignedTreeHead bare(const SignedTreeHead& head) { return {head.head, head.signature, {}}; }

/// Proof that the known head's tree begins with another tree than the head's, whose root would have to be
/// `root`.
std::optional<transparency::ForkEvidence> prove(const Followed& followed, const SignedTreeHead& head,
                                                const transparency::Hash& root) {
  const auto path = consistency_path(followed.leaves, head.head.size, followed.known->head.size);
  if (!path) return std::nullopt;
  transparency::ForkEvidence out{followed.keys, bare(head), bare(*followed.known),
                                 transparency::Inconsistent{*path, root}};
  if (!transparency::verify(out)) return std::nullopt;
  return out;
}

/// A head of fewer entries than the known one. The history says what it has to be, and what proves it if it
/// is not.
Result<HeadVerdict, BrokenRule> check_smaller(const Followed& followed, const SignedTreeHead& head) {
  const SignedTreeHead& known = *followed.known;
  const bool covered = head.head.size <= followed.size;
  const auto root = covered ? root_at(followed.leaves, head.head.size) : std::nullopt;
  if (root && *root != head.head.root) {
    BrokenRule broken{FindingKind::head, TransparencyError::not_consistent};
    if (known.head.size <= followed.size) broken.evidence = prove(followed, head, *root);
    return err(broken);
  }
  if (head.head.time > known.head.time) {
    return err(BrokenRule{FindingKind::rolled_back, TransparencyError::head_behind});
  }
  return HeadVerdict::behind;
}

}  // namespace

Result<HeadVerdict, BrokenRule> check_head(const Followed& followed, const SignedTreeHead& head,
                                           const crypto::MerklePath& path) {
  if (followed.known) {
    const transparency::TreeHead& known = followed.known->head;
    if (head.head.size < known.size) return check_smaller(followed, head);
    const bool continues =
        head.head.size == known.size
            ? head.head.root == known.root
            : crypto::consistent(known.size, known.root, head.head.size, head.head.root, path);
    // A path that proves nothing is no proof of anything either: the entries will show what the head is.
    if (auto evidence = continues ? std::nullopt
                                  : transparency::contradiction(followed.keys, *followed.known, head, path)) {
      return err(fork(*std::move(evidence)));
    }
    if (head.head.time < known.time) return HeadVerdict::behind;
  }
  if (head.head.size >= followed.size) return HeadVerdict::follow;
  const auto root = root_at(followed.leaves, head.head.size);
  if (root && *root != head.head.root) return err(BrokenRule{});
  return HeadVerdict::behind;
}

bool needs_another_path(const transparency::TreeHead& first, const transparency::TreeHead& second) {
  return first.size > 1 && std::has_single_bit(first.size) && second.size > first.size + 1;
}

std::optional<transparency::ForkEvidence> contradiction(const transparency::LogKeys& keys,
                                                        const SignedTreeHead& first,
                                                        const SignedTreeHead& second,
                                                        const crypto::MerklePath& path,
                                                        const crypto::MerklePath& from_one_more) {
  for (const crypto::MerkleHash& root : from_one_more) {
    transparency::ForkEvidence out{keys, bare(first), bare(second), transparency::Inconsistent{path, root}};
    // The cheap question first: signatures are verified once, for the hash that fits.
    if (root != first.head.root &&
        crypto::consistent(first.head.size, root, second.head.size, second.head.root, path) &&
        transparency::verify(out)) {
      return out;
    }
  }
  return std::nullopt;
}

}  // namespace sotto::audit

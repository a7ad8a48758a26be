// Merkle trees over SHA-256 as RFC 6962 2.1 defines them; verification as RFC 9162 2.1.3.2 and 2.1.4.2
// describe it. Sizes and indices are those of the tree, paths run from the leaf upwards.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bytes/bytes.h"
#include "crypto/hash.h"

namespace sotto::crypto {

using MerkleHash = Sha256Digest;
using MerklePath = std::vector<MerkleHash>;

/// H(0x00 || data)
MerkleHash merkle_leaf(ByteView data);
/// H(0x01 || left || right)
MerkleHash merkle_node(const MerkleHash& left, const MerkleHash& right);

/// The root of a tree whose leaves are at hand; H() of nothing for none.
MerkleHash merkle_root(std::span<const MerkleHash> leaves);
/// The inclusion path of leaf `index` in that tree. Precondition: index < leaves.size().
MerklePath merkle_path(std::span<const MerkleHash> leaves, std::uint64_t index);

/// The root that the path gives for leaf `index` of `size`; empty if index >= size or the path has another
/// length than that place needs.
std::optional<MerkleHash> root_of_inclusion(const MerkleHash& leaf, std::uint64_t index, std::uint64_t size,
                                            std::span<const MerkleHash> path);

/// What a consistency path shows: the root of the larger tree, and the root of the smaller one inside it.
struct ConsistencyRoots {
  MerkleHash first;
  MerkleHash second;
};
/// `first_root` is needed where the path does not show it: when `first_size` is a power of two, and then
/// `first` is that same root. Empty unless 0 < first_size < second_size and the path has the right length.
std::optional<ConsistencyRoots> roots_of_consistency(std::uint64_t first_size, std::uint64_t second_size,
                                                     const MerkleHash& first_root,
                                                     std::span<const MerkleHash> path);

/// True when the path proves that the larger tree begins with the smaller one. Equal sizes need equal roots
/// and an empty path; an empty tree is consistent with nothing, because that would say nothing.
bool consistent(std::uint64_t first_size, const MerkleHash& first_root, std::uint64_t second_size,
                const MerkleHash& second_root, std::span<const MerkleHash> path);

/// A complete subtree: 2^level leaves from index * 2^level on.
struct SubtreeId {
  std::uint8_t level = 0;
  std::uint64_t index = 0;

  friend auto operator<=>(const SubtreeId&, const SubtreeId&) = default;
};
/// The subtrees whose hashes make up the inclusion path of leaf `index`, in runs: each element of the path is
/// the hash of one run of adjacent complete subtrees. Precondition: index < size.
std::vector<std::vector<SubtreeId>> inclusion_parts(std::uint64_t index, std::uint64_t size);
/// The same for a consistency path. Precondition: 0 < first_size < second_size.
std::vector<std::vector<SubtreeId>> consistency_parts(std::uint64_t first_size, std::uint64_t second_size);
/// The hash of adjacent subtrees of one run, left to right. Precondition: not empty.
MerkleHash join(std::span<const MerkleHash> run);

/// A tree that only grows, reduced to the roots of its complete subtrees (its peaks): enough to append, for
/// the root and for the path of the last leaf.
class MerklePeaks {
 public:
  MerklePeaks() = default;
  /// Empty unless there are exactly as many peaks as a tree of that size has, largest subtree first.
  static std::optional<MerklePeaks> restore(std::uint64_t size, MerklePath peaks);

  /// Appends a leaf. `completed`, if given, receives each subtree that is complete now, the leaf first.
  void append(const MerkleHash& leaf, std::vector<std::pair<SubtreeId, MerkleHash>>* completed = nullptr);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const MerklePath& peaks() const { return peaks_; }
  /// Where the peaks are, in their order.
  static std::vector<SubtreeId> places(std::uint64_t size);
  /// H() of nothing for an empty tree.
  [[nodiscard]] MerkleHash root() const;

 private:
  std::uint64_t size_ = 0;
  MerklePath peaks_;
};

}  // namespace sotto::crypto

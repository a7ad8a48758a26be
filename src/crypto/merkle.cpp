#include "crypto/merkle.h"

#include <algorithm>
#include <bit>

#include "result/check.h"

namespace sotto::crypto {
namespace {

/// The largest power of two below n. Precondition: n > 1.
std::uint64_t split(std::uint64_t n) { return std::bit_floor(n - 1); }

/// The complete subtrees of [begin, end), left to right. A range of RFC 6962 trees begins at a multiple of a
/// power of two that is not below its length.
std::vector<SubtreeId> subtrees(std::uint64_t begin, std::uint64_t end) {
  std::vector<SubtreeId> out;
  while (begin < end) {
    const std::uint64_t size = std::bit_floor(end - begin);
    const auto level = static_cast<std::uint8_t>(std::countr_zero(size));
    out.push_back({level, begin >> level});
    begin += size;
  }
  return out;
}

}  // namespace

MerkleHash merkle_leaf(ByteView data) {
  static constexpr ByteArray<1> kPrefix = {0x00};
  return sha256({kPrefix, data});
}

MerkleHash merkle_node(const MerkleHash& left, const MerkleHash& right) {
  ByteArray<65> octets;
  octets[0] = 0x01;
  std::ranges::copy(right, std::ranges::copy(left, octets.begin() + 1).out);
  return sha256(ByteView(octets));
}

MerkleHash merkle_root(std::span<const MerkleHash> leaves) {
  if (leaves.empty()) return sha256(ByteView());
  if (leaves.size() == 1) return leaves[0];
  const std::uint64_t middle = split(leaves.size());
  return merkle_node(merkle_root(leaves.first(middle)), merkle_root(leaves.subspan(middle)));
}

MerklePath merkle_path(std::span<const MerkleHash> leaves, std::uint64_t index) {
  SOTTO_CHECK(index < leaves.size());
  if (leaves.size() == 1) return {};
  const std::uint64_t middle = split(leaves.size());
  const auto left = leaves.first(middle);
  const auto right = leaves.subspan(middle);
  MerklePath path = index < middle ? merkle_path(left, index) : merkle_path(right, index - middle);
  path.push_back(merkle_root(index < middle ? right : left));
  return path;
}

std::optional<MerkleHash> root_of_inclusion(const MerkleHash& leaf, std::uint64_t index, std::uint64_t size,
                                            std::span<const MerkleHash> path) {
  if (index >= size) return std::nullopt;
  MerkleHash node = leaf;
  std::uint64_t last = size - 1;
  for (const MerkleHash& sibling : path) {
    if (last == 0) return std::nullopt;
    if (index % 2 == 1 || index == last) {
      node = merkle_node(sibling, node);
      while (index % 2 == 0 && index != 0) {
        index /= 2;
        last /= 2;
      }
    } else {
      node = merkle_node(node, sibling);
    }
    index /= 2;
    last /= 2;
  }
  if (last != 0) return std::nullopt;
  return node;
}

std::optional<ConsistencyRoots> roots_of_consistency(std::uint64_t first_size, std::uint64_t second_size,
                                                     const MerkleHash& first_root,
                                                     std::span<const MerkleHash> path) {
  if (first_size == 0 || first_size >= second_size || path.empty()) return std::nullopt;
  ConsistencyRoots roots{first_root, first_root};
  if (!std::has_single_bit(first_size)) {
    roots = {path[0], path[0]};
    path = path.subspan(1);
  }
  std::uint64_t node = first_size - 1;
  std::uint64_t last = second_size - 1;
  const int shared = std::countr_one(node);
  node >>= shared;
  last >>= shared;
  for (const MerkleHash& step : path) {
    if (last == 0) return std::nullopt;
    if (node % 2 == 1 || node == last) {
      roots = {merkle_node(step, roots.first), merkle_node(step, roots.second)};
      while (node % 2 == 0 && node != 0) {
        node /= 2;
        last /= 2;
      }
    } else {
      roots.second = merkle_node(roots.second, step);
    }
    node /= 2;
    last /= 2;
  }
  if (last != 0) return std::nullopt;
  return roots;
}

bool consistent(std::uint64_t first_size, const MerkleHash& first_root, std::uint64_t second_size,
                const MerkleHash& second_root, std::span<const MerkleHash> path) {
  if (first_size == second_size) return first_size != 0 && path.empty() && first_root == second_root;
  const auto roots = roots_of_consistency(first_size, second_size, first_root, path);
  return roots && roots->first == first_root && roots->second == second_root;
}

std::vector<std::vector<SubtreeId>> inclusion_parts(std::uint64_t index, std::uint64_t size) {
  SOTTO_CHECK(index < size);
  std::vector<std::vector<SubtreeId>> out;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split(end - begin);
    if (index < middle) {
      out.push_back(subtrees(middle, end));
      end = middle;
    } else {
      out.push_back(subtrees(begin, middle));
      begin = middle;
    }
  }
  std::ranges::reverse(out);
  return out;
}

std::vector<std::vector<SubtreeId>> consistency_parts(std::uint64_t first_size, std::uint64_t second_size) {
  SOTTO_CHECK(0 < first_size && first_size < second_size);
  std::vector<std::vector<SubtreeId>> out;
  std::uint64_t begin = 0;
  std::uint64_t end = second_size;
  while (end != first_size) {
    const std::uint64_t middle = begin + split(end - begin);
    if (first_size <= middle) {
      out.push_back(subtrees(middle, end));
      end = middle;
    } else {
      out.push_back(subtrees(begin, middle));
      begin = middle;
    }
  }
  // The subtree that both trees end with here; where it is the whole smaller tree, the verifier has its hash.
  if (begin != 0) out.push_back(subtrees(begin, end));
  std::ranges::reverse(out);
  return out;
}

MerkleHash join(std::span<const MerkleHash> run) {
  SOTTO_CHECK(!run.empty());
  MerkleHash out = run.back();
  for (std::size_t i = run.size() - 1; i-- > 0;) out = merkle_node(run[i], out);
  return out;
}

std::optional<MerklePeaks> MerklePeaks::restore(std::uint64_t size, MerklePath peaks) {
  if (peaks.size() != static_cast<std::size_t>(std::popcount(size))) return std::nullopt;
  MerklePeaks out;
  out.size_ = size;
  out.peaks_ = std::move(peaks);
  return out;
}

void MerklePeaks::append(const MerkleHash& leaf, std::vector<std::pair<SubtreeId, MerkleHash>>* completed) {
  SubtreeId id{0, size_};
  MerkleHash node = leaf;
  if (completed != nullptr) completed->emplace_back(id, node);
  for (; id.index % 2 == 1; id = {static_cast<std::uint8_t>(id.level + 1), id.index / 2}) {
    node = merkle_node(peaks_.back(), node);
    peaks_.pop_back();
    if (completed != nullptr) {
      completed->emplace_back(SubtreeId{static_cast<std::uint8_t>(id.level + 1), id.index / 2}, node);
    }
  }
  peaks_.push_back(node);
  ++size_;
}

std::vector<SubtreeId> MerklePeaks::places(std::uint64_t size) { return subtrees(0, size); }

MerkleHash MerklePeaks::root() const { return peaks_.empty() ? sha256(ByteView()) : join(peaks_); }

}  // namespace sotto::crypto

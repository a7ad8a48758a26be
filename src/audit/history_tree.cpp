#include "audit/history_tree.h"

namespace sotto::audit {
namespace {

/// Adjacent subtrees whose joint hash is one element of a path: the tree over these leaves by themselves.
struct Run {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  crypto::MerklePeaks leaves;
};

std::vector<Run> runs_of(std::uint64_t first_size, std::uint64_t second_size) {
  std::vector<Run> out;
  for (const auto& part : crypto::consistency_parts(first_size, second_size)) {
    const crypto::SubtreeId& last = part.back();
    out.push_back({part.front().index << part.front().level, (last.index + 1) << last.level, {}});
  }
  return out;
}

}  // namespace

std::optional<crypto::MerkleHash> root_at(const LeafReader& leaves, std::uint64_t size) {
  crypto::MerklePeaks peaks;
  const bool read = leaves(size, [&peaks](const crypto::MerkleHash& leaf) { peaks.append(leaf); });
  if (!read || peaks.size() != size) return std::nullopt;
  return peaks.root();
}

std::optional<crypto::MerklePath> consistency_path(const LeafReader& leaves, std::uint64_t first_size,
                                                   std::uint64_t second_size) {
  std::vector<Run> runs = runs_of(first_size, second_size);
  std::uint64_t index = 0;
  const bool read = leaves(second_size, [&](const crypto::MerkleHash& leaf) {
    for (Run& run : runs) {
      if (index >= run.begin && index < run.end) run.leaves.append(leaf);
    }
    ++index;
  });
  if (!read || index != second_size) return std::nullopt;
  crypto::MerklePath out;
  out.reserve(runs.size());
  for (const Run& run : runs) out.push_back(run.leaves.root());
  return out;
}

}  // namespace sotto::audit

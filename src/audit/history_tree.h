// Roots and paths of the log's tree out of the history, for the rare moment when a head is to be held against
// what was published earlier. One pass over the leaves each.
#pragma once

#include <functional>
#include <optional>

#include "crypto/merkle.h"

namespace sotto::audit {

/// Gives the leaves 0 to count - 1 of the log's tree, in order. False: they cannot be had.
using LeafReader =
    std::function<bool(std::uint64_t count, const std::function<void(const crypto::MerkleHash&)>& take)>;

/// Of the tree over the first `size` leaves.
std::optional<crypto::MerkleHash> root_at(const LeafReader& leaves, std::uint64_t size);
/// RFC 6962 2.1.2. Precondition: 0 < first_size < second_size.
std::optional<crypto::MerklePath> consistency_path(const LeafReader& leaves, std::uint64_t first_size,
                                                   std::uint64_t second_size);

}  // namespace sotto::audit

// Pages of the map's tree as they are stored (docs/specs/transparency.md 8): a bucket of leaves, or the
// hashes of the subtrees four levels down. Where they are stored is record.h's concern.
#pragma once

#include <compare>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "transparency/map.h"
#include "transparency_log/limits.h"

namespace sotto::transparency_log {

using transparency::Hash;
using transparency::MapKey;
using transparency::MapLeaf;

/// The place of a page: the first `depth` bits of every key under it, the rest zeros. A multiple of
/// kPageLevels.
struct PageId {
  std::uint8_t depth = 0;
  MapKey prefix{};

  /// The page under this one for the keys whose next kPageLevels bits are `slot`.
  [[nodiscard]] PageId child(std::size_t slot) const;
  friend auto operator<=>(const PageId&, const PageId&) = default;
};
/// The kPageLevels bits of a key from `depth` on.
std::size_t slot_of(const MapKey& key, std::size_t depth);

/// A subtree, as much as hashing above it needs: alone, one leaf stands for all levels above it.
struct Summary {
  enum class Kind : std::uint8_t { empty = 0, one = 1, more = 2 };

  Kind kind = Kind::empty;
  Hash hash = transparency::empty_hash();

  friend bool operator==(const Summary&, const Summary&) = default;
};
Summary combine(const Summary& left, const Summary& right);
/// The subtree of leaves that share their first `depth` bits. Precondition: ascending, unique keys.
Summary summarise(std::span<const MapLeaf> leaves, std::size_t depth);

struct Bucket {
  std::vector<MapLeaf> leaves;  ///< ascending, unique, at most kBucketLeaves

  friend bool operator==(const Bucket&, const Bucket&) = default;
};

class InnerPage {
 public:
  static constexpr std::size_t kSlots = std::size_t{1} << kPageLevels;

  /// All slots empty.
  InnerPage() : nodes_(2 * kSlots) {}

  [[nodiscard]] const Summary& slot(std::size_t index) const { return nodes_[kSlots + index]; }
  /// rehash() has to follow before anything above the slots is read.
  void set_slot(std::size_t index, const Summary& summary);
  /// Computes what lies above the slots that were set.
  void rehash();
  [[nodiscard]] const Summary& root() const { return nodes_[1]; }
  /// Node `index` of the heap order in which 1 is the root, 2n and 2n + 1 are the sides of n, and kSlots + i
  /// is slot i.
  [[nodiscard]] const Summary& node(std::size_t index) const { return nodes_[index]; }

 private:
  std::vector<Summary> nodes_;
  std::uint32_t dirty_ = 0;  ///< bit n: node n has to be computed
};

using Page = std::variant<Bucket, InnerPage>;

Bytes encode(const Page& page);
/// Checks everything but hashes: empty for octets that encode() cannot have made for this place.
std::optional<Page> decode_page(ByteView octets, const PageId& id);

}  // namespace sotto::transparency_log

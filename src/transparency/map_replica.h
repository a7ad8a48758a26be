// The whole map in memory, without labels and values: what an auditor keeps. About 130 octets a leaf.
// (The server's own is transparency_log/map_pages.h: on disk, written independently of this.)
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "transparency/map.h"

namespace sotto::transparency {

class MapReplica {
 public:
  struct Record {
    std::uint64_t version = 0;
    Hash leaf{};
  };

  /// Sets the leaf of a key, new or not. The root is not computed before root() asks for it.
  void set(const MapKey& key, const Record& record);
  [[nodiscard]] std::optional<Record> find(const MapKey& key) const;
  [[nodiscard]] std::size_t size() const { return leaves_.size(); }
  /// Hashes what changed since the last call.
  [[nodiscard]] const Hash& root();
  /// Every leaf in the order of keys: for saving; set() brings them back.
  void for_each(const std::function<void(const MapKey&, const Record&)>& visit) const;

 private:
  // An index into leaves_ (with the top bit set) or branches_; kNone: nothing.
  using Link = std::uint32_t;
  struct Leaf {
    MapKey key;
    Record record;
  };
  struct Branch {
    Hash hash{};
    Link sides[2];
    bool dirty = true;
  };
  static constexpr Link kNone = 0x7fffffff;
  static constexpr Link kLeafBit = 0x80000000;

  static bool is_leaf(Link link) { return (link & kLeafBit) != 0; }
  Leaf& leaf(Link link) { return leaves_[link & ~kLeafBit]; }
  [[nodiscard]] const Leaf& leaf(Link link) const { return leaves_[link & ~kLeafBit]; }
  Link split(Link old_leaf, Link new_leaf, std::size_t depth);
  const Hash& hash_of(Link link);

  std::vector<Leaf> leaves_;
  std::vector<Branch> branches_;
  Link root_ = kNone;
};

}  // namespace sotto::transparency

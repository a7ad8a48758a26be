// The map on disk: reads the pages on a key's way, computes what a batch of leaves changes, makes proofs.
// Writing pages is not its concern: it hands out what is to be written and remembers it until told that it
// is.
#pragma once

#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "storage/store.h"
#include "transparency_log/error.h"
#include "transparency_log/record.h"

namespace sotto::transparency_log {

using PagePtr = std::shared_ptr<const Page>;

/// What setting some leaves changes.
struct MapDelta {
  Hash root = transparency::empty_hash();
  std::vector<std::pair<PageId, PagePtr>> pages;  ///< a page stands before the page above it
};

class DiskMap {
 public:
  explicit DiskMap(storage::Store& store) : store_(store) {}

  /// The pages after setting these leaves (ascending, unique keys). Changes nothing. Setting leaves again
  /// that are set already, also over pages of which any lower part was written already, gives the same pages.
  /// Errors: storage_unavailable, corrupt.
  LogResult<MapDelta> plan(std::span<const MapLeaf> leaves);

  /// From now on reads see these pages, as if they were written. Precondition: no others are shown.
  void show(const MapDelta& delta);
  /// The shown pages are in the store.
  void written();

  /// Errors: storage_unavailable, corrupt.
  LogResult<transparency::MapProof> prove(const MapKey& key);
  /// Errors: storage_unavailable, corrupt.
  LogResult<Hash> root();

 private:
  enum class Stored : std::uint8_t { maybe, surely };

  /// An empty bucket where nothing is stored; corrupt if something must be.
  LogResult<PagePtr> load(const PageId& id, Stored stored);
  LogResult<Summary> plan_page(const PageId& id, Stored stored, std::span<const MapLeaf> leaves,
                               MapDelta& out);
  Summary plan_bucket(const PageId& id, std::vector<MapLeaf> leaves, MapDelta& out);

  storage::Store& store_;
  std::unordered_map<PageId, PagePtr, OctetsHash> shown_;
  std::unordered_map<PageId, PagePtr, OctetsHash> cache_;  ///< inner pages up to kCachedDepth
};

}  // namespace sotto::transparency_log

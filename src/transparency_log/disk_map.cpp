#include "transparency_log/disk_map.h"

#include <algorithm>

#include "result/check.h"

namespace sotto::transparency_log {
namespace {

using transparency::AbsentEmpty;
using transparency::AbsentOther;
using transparency::MapOutcome;
using transparency::MapProof;
using transparency::Present;

/// Calls visit(slot, leaves of that slot) for each slot of a page at `depth` that has any.
template <typename Visit>
LogResult<void> for_each_slot(std::span<const MapLeaf> leaves, std::size_t depth, const Visit& visit) {
  while (!leaves.empty()) {
    const std::size_t slot = slot_of(leaves[0].key, depth);
    const auto end =
        std::ranges::find_if(leaves, [&](const MapLeaf& leaf) { return slot_of(leaf.key, depth) != slot; });
    const auto count = static_cast<std::size_t>(end - leaves.begin());
    SOTTO_CHECK_OK(visit(slot, leaves.first(count)));
    leaves = leaves.subspan(count);
  }
  return {};
}

/// Both ascending; where both have a key, the newer leaf stays.
std::vector<MapLeaf> merged(std::span<const MapLeaf> old, std::span<const MapLeaf> newer) {
  std::vector<MapLeaf> out;
  out.reserve(old.size() + newer.size());
  while (!old.empty() || !newer.empty()) {
    const bool take_newer = old.empty() || (!newer.empty() && newer[0].key <= old[0].key);
    if (take_newer && !old.empty() && old[0].key == newer[0].key) old = old.subspan(1);
    auto& from = take_newer ? newer : old;
    out.push_back(from[0]);
    from = from.subspan(1);
  }
  return out;
}

/// Goes down in an inner page towards a slot; siblings are appended top downwards. Returns the node where the
/// way ends: an empty one, or the slot below which it goes on. A leaf that is alone under a node ends the way
/// there, whichever slot it stands in.
std::size_t descend(const InnerPage& page, std::size_t slot, crypto::MerklePath& path) {
  std::size_t node = 1;
  for (std::size_t level = kPageLevels; node < InnerPage::kSlots; --level) {
    if (page.node(node).kind != Summary::Kind::more) break;
    const std::size_t next = 2 * node + (slot >> (level - 1) & 1);
    path.push_back(page.node(next ^ 1).hash);
    node = next;
  }
  while (node < InnerPage::kSlots && page.node(node).kind == Summary::Kind::one) {
    node = 2 * node + (page.node(2 * node).kind == Summary::Kind::empty ? 1 : 0);
  }
  return node;
}

/// Goes down from `depth` in the tree of these leaves; siblings are appended top downwards.
MapOutcome descend(const MapKey& key, std::span<const MapLeaf> leaves, std::size_t depth,
                   crypto::MerklePath& path) {
  for (; leaves.size() > 1; ++depth) {
    const auto right = std::ranges::partition_point(
        leaves, [depth](const MapLeaf& leaf) { return !transparency::bit_of(leaf.key, depth); });
    const auto split = static_cast<std::size_t>(right - leaves.begin());
    const bool goes_right = transparency::bit_of(key, depth);
    const auto other = goes_right ? leaves.first(split) : leaves.subspan(split);
    path.push_back(summarise(other, depth + 1).hash);
    leaves = goes_right ? leaves.subspan(split) : leaves.first(split);
  }
  if (leaves.empty()) return AbsentEmpty{};
  if (leaves[0].key != key) return AbsentOther{leaves[0]};
  return Present{leaves[0].version, leaves[0].commitment};
}

}  // namespace

LogResult<PagePtr> DiskMap::load(const PageId& id, Stored stored) {
  if (const auto found = shown_.find(id); found != shown_.end()) return found->second;
  if (const auto cached = cache_.find(id); cached != cache_.end()) return cached->second;
  const auto octets = store_.get(page_partition(id), page_key(id));
  if (!octets) return err(log_error(octets.error()));
  if (!*octets && stored == Stored::surely) return err(LogError::corrupt);
  auto page = *octets ? decode_page(**octets, id) : Page(Bucket{});
  if (!page) return err(LogError::corrupt);
  auto out = std::make_shared<const Page>(*std::move(page));
  if (id.depth <= kCachedDepth && std::holds_alternative<InnerPage>(*out)) cache_.emplace(id, out);
  return out;
}

LogResult<MapDelta> DiskMap::plan(std::span<const MapLeaf> leaves) {
  MapDelta out;
  SOTTO_TRY(const Summary top, plan_page(PageId{}, Stored::maybe, leaves, out));
  out.root = top.hash;
  return out;
}

LogResult<Summary> DiskMap::plan_page(const PageId& id, Stored stored, std::span<const MapLeaf> leaves,
                                      MapDelta& out) {
  SOTTO_TRY(const PagePtr page, load(id, stored));
  if (const auto* bucket = std::get_if<Bucket>(page.get())) {
    return plan_bucket(id, merged(bucket->leaves, leaves), out);
  }
  InnerPage changed = std::get<InnerPage>(*page);
  SOTTO_CHECK_OK(for_each_slot(leaves, id.depth, [&](std::size_t slot, auto part) -> LogResult<void> {
    const bool empty = changed.slot(slot).kind == Summary::Kind::empty;
    SOTTO_TRY(const Summary summary,
              plan_page(id.child(slot), empty ? Stored::maybe : Stored::surely, part, out));
    changed.set_slot(slot, summary);
    return {};
  }));
  changed.rehash();
  const Summary root = changed.root();
  out.pages.emplace_back(id, std::make_shared<const Page>(std::move(changed)));
  return root;
}

/// The page that holds exactly these leaves, and those below it.
Summary DiskMap::plan_bucket(const PageId& id, std::vector<MapLeaf> leaves, MapDelta& out) {
  if (leaves.size() <= kBucketLeaves) {
    const Summary summary = summarise(leaves, id.depth);
    out.pages.emplace_back(id, std::make_shared<const Page>(Bucket{std::move(leaves)}));
    return summary;
  }
  InnerPage page;
  const auto split = for_each_slot(leaves, id.depth, [&](std::size_t slot, auto part) -> LogResult<void> {
    page.set_slot(slot, plan_bucket(id.child(slot), {part.begin(), part.end()}, out));
    return {};
  });
  SOTTO_CHECK(split);
  page.rehash();
  const Summary root = page.root();
  out.pages.emplace_back(id, std::make_shared<const Page>(std::move(page)));
  return root;
}

void DiskMap::show(const MapDelta& delta) {
  SOTTO_CHECK(shown_.empty());
  shown_.insert(delta.pages.begin(), delta.pages.end());
}

void DiskMap::written() {
  for (const auto& [id, page] : shown_) {
    if (id.depth <= kCachedDepth && std::holds_alternative<InnerPage>(*page))
      cache_.insert_or_assign(id, page);
  }
  shown_.clear();
}

LogResult<MapProof> DiskMap::prove(const MapKey& key) {
  MapProof out;
  PageId id;
  SOTTO_TRY(PagePtr page, load(id, Stored::maybe));
  while (const auto* inner = std::get_if<InnerPage>(page.get())) {
    const std::size_t end = descend(*inner, slot_of(key, id.depth), out.path);
    if (inner->node(end).kind == Summary::Kind::empty) break;
    id = id.child(end - InnerPage::kSlots);
    SOTTO_TRY(page, load(id, Stored::surely));
  }
  const auto* bucket = std::get_if<Bucket>(page.get());
  out.outcome = bucket == nullptr ? AbsentEmpty{} : descend(key, bucket->leaves, id.depth, out.path);
  std::ranges::reverse(out.path);
  return out;
}

LogResult<Hash> DiskMap::root() {
  SOTTO_TRY(const PagePtr page, load(PageId{}, Stored::maybe));
  if (const auto* bucket = std::get_if<Bucket>(page.get())) return summarise(bucket->leaves, 0).hash;
  return std::get<InnerPage>(*page).root().hash;
}

}  // namespace sotto::transparency_log
